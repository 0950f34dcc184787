# %% [markdown]
# # 3. Who bears the loss
#
# **Question: a loan fails. Who pays, under 90/10, under 30/60/10 with a district's fund, and on the day on which the
# fund runs out?**
#
# Case 9 of the Shanghai notice has both: an insurer covers 90 % of a loss and the bank keeps 10 %; in Fengxian the
# district pays 30 % out of a fund, the insurer 60 % and the bank 10 %; when the fund is used up, 90/10 holds again.
# Default rates are not in the notice: they are assumptions.

# %%
from functools import cache

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import simulator

simulator.speak("en")  # "zh" shows charts, tables and sentences in Chinese: 把 "en" 改为 "zh" 即可
PATHS = 4_000
FUND = "Fengxian reserve"

# %% [markdown]
# ## The agreement as a contract
#
# What a scenario says about losses can be read as clauses, in both languages.

# %%
without_fund = simulator.load("C9-F1").agreement()
with_fund = simulator.load("C9-F2").agreement()
for number, sentence in enumerate(with_fund.sentences(), start=1):
    print(f"{number}. {sentence}")

# %%
for number, sentence in enumerate(with_fund.sentences("zh")[:4], start=1):
    print(f"{number}. {sentence}")

# %% [markdown]
# ## One loss, fen by fen
#
# A loan of 2m CNY fails. The parts always sum to the loss: money neither appears nor vanishes.

# %%
parts = pd.DataFrame(
    {
        "90/10": without_fund.share("2m CNY").paid,
        "30/60/10, full fund": with_fund.share("2m CNY").paid,
        "30/60/10, empty fund": with_fund.share("2m CNY", left={FUND: 0}).paid,
    }
).fillna(0)
assert (parts.sum() == 2_000_000).all()
parts.map("{:,.0f} CNY".format)

# %% [markdown]
# ## The day the fund runs out
#
# Between a full and an empty fund lies one loss that meets a fund with something left, but too little. Let 0.4m be
# left. Try to say what each party pays before you run the cell.

# %%
straddling = with_fund.share("2m CNY", left={FUND: "0.4m CNY"})
for sentence in straddling.told:
    print(sentence)
assert sum(straddling.paid.values()) == 2_000_000

# %% [markdown]
# **Question.** One could also read the clause otherwise: a loss for which the fund does not suffice is shared by 90/10
# as a whole. Who gains by that reading? The agreement of the file divides at the point of exhaustion; `straddle` holds
# the other readings.

# %%
other = simulator.load("C9-F2").change(
    {"risk_sharing.straddle": "all or nothing"}, "all or nothing"
).agreement().share("2m CNY", left={FUND: "0.4m CNY"})
pd.DataFrame({"divided": straddling.paid, "all or nothing": other.paid}).map("{:,.0f} CNY".format)

# %% [markdown]
# With a live notebook, turn the slider: what is left of the fund before the loss.

# %%
def shared(left_million=0.4):
    """The parts of a loss of 2m CNY, with so many millions left in the fund."""
    found = with_fund.share("2m CNY", left={FUND: left_million * 1e6})
    parts = ", ".join(f"{party} {paid:,.0f} CNY" for party, paid in found.paid.items())
    print(f"{parts}; the fund then has {found.left[FUND]:,.0f} CNY left")


shared()
slider = widgets.interact(
    shared, left_million=widgets.FloatSlider(0.4, min=0, max=1, step=0.05, description="left (m)")
)

# %%
lefts = np.arange(0, 1.01, 0.05)
paid = pd.DataFrame([with_fund.share("2m CNY", left={FUND: left * 1e6}).paid for left in lefts], index=lefts)
figure, axes = plt.subplots(figsize=(7, 3))
axes.stackplot(lefts, paid.to_numpy().T / 1e6, labels=paid.columns, colors=["#0072b2", "#999999", "#e69f00"])
axes.set(xlabel="left in the fund before the loss (m CNY)", ylabel="borne of 2m CNY (m CNY)", xlim=(0, 1))
axes.legend(loc="lower right", framealpha=1)
figure.tight_layout()

# %% [markdown]
# ## A book of loans on many paths
#
# One loss is arithmetic. How often the fund runs out is chance: firms fail together in bad years. A *path* is one
# course that the years may take for all loans of the book. On every path the same losses are shared by both agreements.
#
# `VaR_99` is what one path in 100 exceeds, `ES_99` the mean of those paths; `loss` is what is shared, `net` what of it
# is not recovered, and the parties bear that.

# %%
book = simulator.load("C9-F2")
losses = simulator.losses(book, against="C9-F1", paths=PATHS)
in_millions = losses.figures.set_index("amount")[["mean_cny", "VaR_95_cny", "VaR_99_cny", "ES_99_cny"]] / 1e6
in_millions.rename(columns=lambda name: name.replace("_cny", " (m CNY)")).round(2)

# %%
for row in losses.against.itertuples():
    print(
        f"{row.party:9} bears {row.here_mean_cny / 1e6:5.2f} m CNY a path with the fund, "
        f"{row.there_mean_cny / 1e6:5.2f} without; on 99 of 100 paths at most "
        f"{row.here_VaR_99_cny / 1e6:5.2f} and {row.there_VaR_99_cny / 1e6:5.2f}"
    )

# %% [markdown]
# **Question.** The fund relieves one party only. Which, and does it relieve it more on an average path or on a bad one:
# in CNY, and in percent?

# %%
losses.chart("distribution");

# %%
ends, begins_with = losses.funds.iloc[0], book.agreement().funds[FUND]
print(
    f"The fund of {begins_with / 1e6:g} m CNY is used up on {ends.used_up_share:.0%} of the paths "
    f"({ends.used_up_share_low:.0%} to {ends.used_up_share_high:.0%}); "
    f"where it is, half of the time within {ends.p50_years:.1f} years."
)
losses.chart("fund");

# %% [markdown]
# ## Do firms fail together?
#
# The correlation of firms' fortunes changes no mean (the means below differ by chance, ± is half of the 95 % interval)
# and much of the tail. A slider for a live notebook; the table shows the same for three values.
#
# **Question.** Where firms fail together bad years are worse. Why is the fund then used up on *fewer* paths?

# %%
@cache
def correlated(percent):
    return simulator.losses("C9-F2", paths=PATHS // 2, correlation=f"{percent}%")


def bad_years(percent=10):
    """What a correlation makes of the net loss and of the fund."""
    found = correlated(percent)
    net = found.figures.set_index("amount").loc["net"]
    return {
        "correlation (%)": percent,
        "mean (m CNY)": round(net.mean_cny / 1e6, 2),
        "±": round((net.mean_cny_high - net.mean_cny_low) / 2e6, 2),
        "1 path in 100 loses more than (m CNY)": round(net.VaR_99_cny / 1e6, 1),
        "fund used up on (% of paths)": round(found.funds.used_up_share[0] * 100, 1),
    }


pd.DataFrame([bad_years(percent) for percent in (0, 10, 30)]).set_index("correlation (%)")

# %%
slider = widgets.interact(bad_years, percent=widgets.IntSlider(10, min=0, max=40, step=5, continuous_update=False))

# %% [markdown]
# ## Change this and run again
#
# Double the fund: in the cell that runs the book write
#
#     book = simulator.load("C9-F2").change({f"risk_sharing.funds.{FUND}.balance": "8m CNY"}, "8m")
#
# How much less often is it used up? And does the district bear twice as much? (Expect about one path in ten instead of
# one in three. The district then bears about 2.3m CNY a path instead of 1.8m: a third more and not twice as much, since
# on two paths of three the smaller fund was enough.)
