# %% [markdown]
# # 5. Design a programme for your city
#
# **Question: a city wants a loan programme for its firms. How many people does it need, and how large a fund?**
#
# Linhu is an imaginary city. Its guarantor checks and guarantees, its bank lends, and the bureau of finance pays a part
# of every loss out of a fund. You change the numbers and see what they do. Where Linhu says nothing, the assumptions of
# the bundled base hold; they are assumptions about Shanghai.

# %%
from functools import cache

import ipywidgets as widgets
import matplotlib.pyplot as plt
import pandas as pd

import simulator

simulator.speak("en")  # "zh" shows charts, tables and sentences in Chinese: 把 "en" 改为 "zh" 即可
REPLICATIONS = 4

# %% [markdown]
# ## The programme as data
#
# What a file can say, a Python dictionary can say. Amounts, times and shares carry their units.

# %%
linhu = simulator.load(
    {
        "id": "linhu",
        "extends": "pledgesim:shanghai",
        "name": {"en": "Patent loans in Linhu", "zh": "临湖市专利质押贷款"},
        "parties": {
            "guarantor": {
                "desks": {
                    "officer": {"staff": 1},
                    "committee": {
                        "committee": {"meets": ["Tuesday", "Friday"], "at": "14:00", "takes": 6, "lasts": "2 h"}
                    },
                }
            },
            "city": {},
            "bank": {"desks": {"reviewer": {"staff": 1}}},
        },
        "applicants": {"arrivals": {"per_working_day": 1.0}},
        "products": {
            "Linhu loan": {
                "eligibility": {"good_credit_record": True, "invention_patents": {"at_least": 1}},
                "amount": {"of": {"patent_value": "40%"}, "at_most": "5m CNY", "at_least": "300k CNY"},
                "tenor": "12 months",
                "price": {
                    "interest": "4.35%",
                    "charges": {"guarantee fee": {"kind": "guarantee fee", "rate": "1%", "paid_to": "guarantor"}},
                },
                "flow": [
                    "application",
                    {"due diligence": {"by": "guarantor officer", "work": {"triangular": ["3 h", "6 h", "12 h"]}}},
                    {"valuation": {"by": "guarantor officer"}},
                    {"guarantee review": {"by": "guarantor committee"}},
                    {"quick credit approval": {"by": "bank reviewer"}},
                    {"pledge registration": {"by": "guarantor officer", "pledgee": "guarantor"}},
                    {"drawdown": {"by": "bank reviewer"}},
                ],
                "risk_sharing": {
                    "funds": {"city fund": {"balance": "3m CNY", "owner": "city"}},
                    "split": {
                        "city": {"share": "40%", "up to": "city fund", "otherwise": "guarantor"},
                        "guarantor": "40%",
                        "bank": "20%",
                    },
                },
                "recovery": {"by": "guarantor"},
            }
        },
        "run": {"start": "2024-01-02", "arrivals_for": "1 year", "drawn_within": "42 days", "seed": 7},
    }
)
linhu

# %% [markdown]
# A mistake is told with its place and what is allowed there, all mistakes at once. Misspell a desk and look.

# %%
try:
    linhu.change({"parties.guarantor.desks.oficer.staff": 2})
except simulator.ScenarioError as error:
    print(error)

# %% [markdown]
# ## As it stands

# %%
first = simulator.run(linhu, replications=REPLICATIONS)
row = first.turnaround().iloc[0]
print(f"Half of the firms that get the money wait {row.p50_days:.0f} days or longer;")
print(f"{row.drawn_within_share:.0%} of the eligible firms have it within {row.within_days:.0f} days of applying.")
shown = ["utilisation", "mean_queue_files", "longest_queue_files", "mean_days_in_queue"]
first.desks().set_index("desk")[shown].round(2).astype(object).fillna("–")

# %%
axes = first.chart("stages")

# %% [markdown]
# **Question.** Which desk would you strengthen? Look at both: how busy it is, and how long files lie before it. (A
# committee meets on its days; it has no hours that could be busy.)
#
# ## How many people?
#
# A sweep runs the scenario again and again with other values, always with the same firms and the same luck.

# %%
STAFF = "parties.guarantor.desks.officer.staff"
MEASURES = ["turnaround.p50", "turnaround.p90", "drawn_within.share"]
people = simulator.sweep(linhu, {STAFF: [1, 2, 3, 4]}, measures=MEASURES, replications=REPLICATIONS)
people.frame.set_index("staff").drop(columns=["product", "replications"]).T.round(2)

# %%
axes = people.chart()

# %%
share = people.frame.set_index("staff")["drawn_within.share"]
for fewer, more in zip(share.index, share.index[1:], strict=False):
    print(f"officer {more}: {share[more] - share[fewer]:+.0%} of the eligible firms have their money in time")

# %% [markdown]
# One officer more helps a lot, and the next ones hardly: what remains is the committee's day, the bank, and time that
# has to pass. We go on with two. With a live notebook, turn the sliders: would another committee day do more than
# another officer?

# %%
DAYS = {1: ["Tuesday"], 2: ["Tuesday", "Friday"], 3: ["Monday", "Wednesday", "Friday"]}


@cache
def staffed(officers=2, meetings=2, firms_a_day=1.0):
    """The programme with so many officers and committee days a week."""
    changes = {
        STAFF: officers,
        "parties.guarantor.desks.committee.committee.meets": DAYS[meetings],
        "applicants.arrivals.per_working_day": firms_a_day,
    }
    return simulator.run(linhu.change(changes, f"{officers} officers, {meetings} meetings"), replications=2)


def served(officers=2, meetings=2, firms_a_day=1.0):
    found = staffed(officers, meetings, firms_a_day).turnaround().iloc[0]
    print(
        f"{officers} officers, {meetings} committee days, {firms_a_day} firms a day: median {found.p50_days:.1f} days, "
        f"{found.drawn_within_share:.0%} within {found.within_days:.0f} days"
    )


served()
served(meetings=3)
served(officers=3)
slider = widgets.interact(
    served,
    officers=widgets.IntSlider(2, min=1, max=5, continuous_update=False),
    meetings=widgets.IntSlider(2, min=1, max=3, continuous_update=False),
    firms_a_day=widgets.FloatSlider(1.0, min=0.25, max=2, step=0.25, continuous_update=False),
)

# %% [markdown]
# ## How large a fund?
#
# The fund pays 40 % of every loss until it is empty; then the guarantor pays that part, too. A fund that is hardly ever
# used up ties money; one that is soon empty relieves nobody in the year in which it matters. We take the loans of a
# year and let them run over many paths.

# %%
programme = linhu.change({STAFF: 2}, "two officers")
FUND = "risk_sharing.funds.city fund.balance"


@cache
def with_fund(millions):
    """The losses of the programme's loans with a fund of so many millions."""
    return simulator.losses(programme.change({FUND: f"{millions:g}m CNY"}, f"{millions:g}m"), paths=2_000)


rows = []
for millions in (1, 2, 3, 5, 8, 12):
    found = with_fund(millions)
    figures, fund = found.figures.set_index("amount"), found.funds.iloc[0]
    rows.append(
        {
            "fund (m CNY)": millions,
            "used up on (% of paths)": fund.used_up_share * 100,
            "from": fund.used_up_share_low * 100,
            "to": fund.used_up_share_high * 100,
            "city bears (m CNY)": figures.loc["borne by city", "mean_cny"] / 1e6,
            "guarantor bears on 1 path in 100 more than (m CNY)": figures.loc["borne by guarantor", "VaR_99_cny"] / 1e6,
        }
    )
sizes = pd.DataFrame(rows).set_index("fund (m CNY)")
sizes.round(2)

# %%
used_up = sizes["used up on (% of paths)"]
figure, axes = plt.subplots(figsize=(7, 3))
axes.errorbar(
    sizes.index, used_up,
    yerr=[used_up - sizes["from"], sizes["to"] - used_up],
    marker="o", capsize=3,
)  # fmt: skip
axes.axhline(5, color="#999999", linestyle=":")
axes.set(xlabel="fund (m CNY)", ylabel="paths on which it is used up (%)", ylim=(0, None))
figure.tight_layout()
enough = sizes.index[sizes["to"] < 5]
told = f"{enough.min():g}m CNY suffices" if len(enough) else "none of these sizes suffices"
print(f"To be used up on fewer than 5 paths in 100, interval included, {told}.")

# %%
axes = with_fund(3).chart("distribution")

# %% [markdown]
# **Question.** The table has an interval for the limited number of paths. What is *not* in it? (One more: the loans are
# those that one replication draws. What would you do about that?)
#
# ## What does it cost the city?
#
# What each has received less what it has paid for the loans of a year, in m CNY. `outside` is who buys pledged rights
# and who is paid for selling them; all rows sum to zero. What the bank's money and everybody's staff cost is not in it:
# the programme does not say.

# %%
second = simulator.run(programme, replications=5 * REPLICATIONS)
in_millions = second.parties().set_index("party")[["result_cny", "result_cny_low", "result_cny_high"]] / 1e6
in_millions.rename(columns=lambda name: name.replace("_cny", "")).round(2)  # m CNY

# %% [markdown]
# ## Change this and run again
#
# Give your own city's numbers: firms a working day in `arrivals`, the most a firm gets in `amount`, the shares in
# `split`. Then let the city pay half of the guarantee fee: beside `"run"` write
#
#     "policy": {"fee subsidy": {"of": "guarantee fee", "share": "50%", "at_most": "50k CNY",
#                                "per": "applicant and year", "paid_by": "city"}},
#
# What does the city pay a year in subsidies, and what in losses? `second.payments()` tells them apart.
