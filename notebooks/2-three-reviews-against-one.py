# %% [markdown]
# # 2. Three reviews against one
#
# **Question: a guarantor drops two of its three reviews. Where do the days go that a firm saves, what does it cost in
# defaults, and when does it not help?**
#
# Case 8 of the Shanghai notice tells of such a product, the Fast-Easy Loan: the files of promoted firms go straight to
# one committee. The notice says how the flow is built and not how long its steps take; those are assumptions, and every
# result below is a result *if they hold*.

# %%
from functools import cache

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import simulator

simulator.speak("en")  # "zh" shows charts, tables and sentences in Chinese: 把 "en" 改为 "zh" 即可
REPLICATIONS = 8

# %% [markdown]
# ## Two worlds with the same firms
#
# The comparison is between *worlds* that meet the same firms, on the same days, with the same luck. Only the flow
# differs. A variant is a named change of a scenario; this one comes with the file.

# %%
one = simulator.load("C8-F1")
three = one.variant("three reviews")
blind = one.variant("two more that see nothing")
for world in (one, three):
    print(f"{world.label}: {' > '.join(world.steps['guaranteed loan'])}")

# %%
result = simulator.compare(one, three, blind, replications=REPLICATIONS)
result

# %% [markdown]
# ## How many days does a firm save?
#
# The difference is taken firm by firm, over firms that got their money in both worlds. The interval says how far chance
# could move it.

# %%
days = result.differences("turnaround.mean")
for _, row in days.iterrows():
    print(f"{row.b}: {row.value:+.1f} days against one review (95 % interval {row.low:+.1f} to {row.high:+.1f})")
    print(f"    drawn in both {row.drawn_in_both:.0f}, only with one review {row.drawn_only_in_a:.0f}")

# %%
axes = result.chart("turnaround")

# %% [markdown]
# The curve shows all eligible firms and not only those that got money: it does not reach 100 %. Two worlds may have the
# same mean turnaround and serve different numbers of firms.
#
# **Question.** Why are the firms that only one of the worlds serves left out of the difference, and why are they told?
#
# ## Where do the days go?

# %%
axes = result.chart("stages")

# %%
steps = result.steps()
added = steps[(steps["world"] == three.label) & steps["step"].isin(["first review", "second review"])]
added.set_index("step")[["work_days", "waiting_days", "closed_days", "elapsed_days", "days"]].round(2)

# %%
worked, whole = added["work_days"].sum(), added["days"].sum()
print(f"Of {whole:.1f} days that the two added reviews take, somebody reads the file for {worked:.2f} days.")
print(f"For the other {1 - worked / whole:.0%} the office is closed, a day has to pass, or the file lies.")

# %% [markdown]
# Dropping a review saves much more than the reviewer's hours. That is why a process can be made faster without anybody
# working faster.
#
# ## What does it cost in defaults?
#
# A review sees something of a firm's quality, and a firm of poor quality defaults more often. Two reviews fewer decline
# fewer firms: more loans, and among those that are added more that fail. How much a review sees, nobody has measured.
# The third world has two more reviews that see *nothing*: they decline good firms and bad ones alike.

# %%
found = result.defaults().set_index("world")
pd.DataFrame(
    {
        "defaults a run": found["defaults"],
        "from": found["defaults_low"],
        "to": found["defaults_high"],
        "of 100 loans": found["defaults_of_loans"] * 100,
        "net loss (m CNY a run)": found["loss_cny"] / 1e6,
        "of 100 CNY lent": found["loss_of_lent"] * 100,
    }
).round(2)

# %% [markdown]
# Reviews that see nothing lower the loss of a run, too: who lends less loses less. What a review sees shows in the last
# column, the loss of 100 CNY lent. But can this many runs tell the worlds apart?

# %%
loss = result.differences("loss.total")
for _, row in loss.iterrows():
    verdict = "real" if row.low > 0 or row.high < 0 else "may be chance"
    extent = f"{row.low / 1e6:+.2f} to {row.high / 1e6:+.2f}"
    print(f"{row.b}: net loss {row.value / 1e6:+.2f} m CNY a run ({extent}): {verdict}")

# %%
axes = result.chart("reviews")

# %% [markdown]
# Days are known well and losses badly, from the same runs: every firm has days, and few loans fail. To settle the loss
# takes hundreds of replications (notebook 6 reckons how many).
#
# **Question.** A colleague runs this notebook once, finds a smaller loss with one review, and proposes to drop the last
# review as well. What do you answer?
#
# ## When does it not help?
#
# Reviews are one queue among several. Where another desk is the bottleneck, files saved from the review lie there. Let
# more firms apply, and look at both designs.

# %%
@cache
def at_load(firms_a_day):
    busier = {"applicants.arrivals.per_working_day": firms_a_day}
    worlds = [world.change(busier, name) for world, name in ((one, "one review"), (three, "three reviews"))]
    return simulator.compare(*worlds, replications=2)


def saved_days(firms_a_day=0.75):
    """Days that one review saves, and what the busiest desk does, when so many firms apply a working day."""
    found = at_load(firms_a_day)
    times = found.turnaround().set_index("world")["p50_days"]
    desks = found.desks().dropna(subset="utilisation").sort_values("utilisation").groupby("world").tail(1)
    for world, median in times.items():
        busiest = desks[desks["world"] == world].iloc[0]
        print(f"{world:22} median {median:5.1f} days; busiest: {busiest.desk}, {busiest.utilisation:.0%} of its hours")


saved_days()
saved_days(2.25)

# %% [markdown]
# The busiest desk is the same in both designs, and it is no review. Once it has no hour left, a file that skips two
# reviews comes sooner to a queue that is the longer for it. With a live notebook, turn the slider (a few seconds for
# each value): how many firms a day does it take until the reviews hardly matter?

# %%
slider = widgets.interact(
    saved_days,
    firms_a_day=widgets.FloatSlider(
        0.75, min=0.5, max=2.5, step=0.25, continuous_update=False, description="firms a day"
    ),
)

# %%
loads = np.array([0.75, 1.5, 2.25])
medians = np.array([at_load(float(load)).turnaround()["p50_days"] for load in loads])
figure, axes = plt.subplots(figsize=(7, 3))
axes.plot(loads, medians[:, 0], marker="o", label="one review")
axes.plot(loads, medians[:, 1], marker="s", label="three reviews")
axes.set(xlabel="firms that apply a working day", ylabel="median days to the money", ylim=(0, None), xticks=loads)
axes.legend(frameon=False)
figure.tight_layout()
for load, (single, triple) in zip(loads, medians, strict=True):
    saved = triple - single
    print(f"{load:.2f} firms a day: one review saves {saved:.1f} days, {saved / triple:.0%} of the wait")

# %% [markdown]
# ## Change this and run again
#
# The reviews of the file are as informative as the base assumes. Let the two added ones see much more: in the cell with
# `three = one.variant("three reviews")` write
#
#     three = one.variant("three reviews").change({
#         "flow.first review.informative": "60%", "flow.second review.informative": "60%"}, "three sharp reviews")
#
# and set `REPLICATIONS = 50`; that takes a minute or two. Is the lower loss still one that may be chance? Divide it by
# the days that the reviews add: how much loss does a day of waiting avoid?
