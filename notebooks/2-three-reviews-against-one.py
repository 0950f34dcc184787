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
for row in days.itertuples():
    print(f"{row.b}: {row.value:+.1f} days against one review (95 % interval {row.low:+.1f} to {row.high:+.1f})")
    print(f"    drawn in both {row.drawn_in_both:.0f}, only with one review {row.drawn_only_in_a:.0f}")

# %%
result.chart("turnaround");

# %% [markdown]
# The curve shows all eligible firms and not only those that got money: it does not reach 100 %. Two worlds may have the
# same mean turnaround and serve different numbers of firms.
#
# **Question.** Why are the firms that only one of the worlds serves left out of the difference, and why are they told?
#
# ## Where do the days go?

# %%
result.chart("stages");

# %%
steps = result.steps()
added = steps[(steps["world"] == three.label) & steps["step"].isin(["first review", "second review"])]
added.set_index("step")[["work_days", "waiting_days", "closed_days", "elapsed_days", "days"]].round(2)

# %%
worked, elapsed, whole = added["work_days"].sum(), added["elapsed_days"].sum(), added["days"].sum()
print(f"Of {whole:.1f} days that the two added reviews take, somebody reads the file for {worked:.2f} days.")
print(f"For {elapsed:.1f} days time has to pass: the base says {one.value('stages.first review.elapsed')}.")
print(f"For {whole - worked - elapsed:.1f} days the office is closed or the file lies before a busy reviewer.")
in_all = steps.groupby("world")["days"].sum()
print(f"All other steps together change by {in_all[three.label] - in_all[one.label] - whole:+.1f} days.")

# %% [markdown]
# Dropping a review saves much more than the reviewer's hours. But look at what most of it is: `elapsed` stands for a
# meeting to be found, a question to be answered. That a review needs so many working days, however fast anybody reads,
# is not a result. It is what the base assumes, and nobody has measured it. (A firm saves a little less than the two
# reviews take, since the later steps get shorter when reviews come before them.)
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
# On average, reviews that see nothing must lower the loss of a run, since who lends less loses less, and must leave the
# loss of 100 CNY lent as it is. Here they lower that as well, nearly as much as reviews that see something. So what the
# last column shows is mostly chance. Can these runs tell the worlds apart at all?

# %%
for measure, title, scale in (("loss.total", "m CNY a run", 1e6), ("loss_rate", "CNY of 100 lent", 0.01)):
    for row in result.differences(measure).itertuples():
        verdict = "real" if row.low > 0 or row.high < 0 else "may be chance"
        extent = f"{row.low / scale:+.2f} to {row.high / scale:+.2f}"
        print(f"{row.b}: net loss {row.value / scale:+.2f} {title} ({extent}): {verdict}")

# %%
result.chart("reviews");

# %% [markdown]
# Days are known well and losses badly, from the same runs: every firm has days, and few loans fail. To settle the loss
# takes hundreds of replications (notebook 6 reckons how many).
#
# **Question.** A colleague runs this notebook with another `run.seed`, finds a smaller loss with one review, and
# proposes to drop the last review as well. What do you answer?
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
    return simulator.compare(*worlds, replications=REPLICATIONS)


def saved_days(firms_a_day=0.75):
    """Print what one review saves a firm, and who is served, when so many firms apply a working day."""
    found = at_load(firms_a_day)
    saved = found.differences("turnaround.mean").iloc[0]
    extent = f"{saved.low:.1f} to {saved.high:.1f}"
    print(f"{firms_a_day:.2f} firms a day: one review saves a firm {saved.value:.1f} days ({extent})")
    desks = found.desks().dropna(subset="utilisation").sort_values("utilisation").groupby("world").tail(1)
    busiest = desks.set_index("world")
    for row in found.cases().itertuples():
        desk = busiest.loc[row.world]
        print(
            f"    {row.world:20} {row.drawn / row.eligible:4.0%} of eligible firms drawn, "
            f"{row.withdrawn / row.eligible:3.0%} gave up; busiest: {desk.desk}, {desk.utilisation:.0%}"
        )


LOADS = 0.75, 1.5, 2.25
for load in LOADS:
    saved_days(load)

# %% [markdown]
# The busiest desk is the same in both designs, and it is no review. Once it has no hour left, a file that skips two
# reviews only comes sooner to the queue before it.
#
# At the highest of these loads about two of three eligible firms give up. The days there are those of the few who
# stayed, and they depend on how long the rush has lasted, since the busiest desk has no hour left to catch up. A small
# difference between designs that serve one firm in ten is no praise for either.
#
# With a live notebook, turn the slider (some ten seconds for each value): how many firms a day does it take until the
# interval holds zero?

# %%
slider = widgets.interact(
    saved_days,
    firms_a_day=widgets.FloatSlider(
        0.75, min=0.5, max=2.5, step=0.25, continuous_update=False, description="firms a day"
    ),
)

# %%
saved = pd.concat([at_load(load).differences("turnaround.mean") for load in LOADS])
figure, axes = plt.subplots(figsize=(7, 3))
ends = [saved["value"] - saved["low"], saved["high"] - saved["value"]]
axes.errorbar(LOADS, saved["value"], yerr=ends, marker="o", capsize=3)
axes.axhline(0, color="#999999", linewidth=1)
axes.set(xlabel="firms that apply a working day", ylabel="days that one review\nsaves a firm", xticks=LOADS)
figure.tight_layout()

# %% [markdown]
# ## Change this and run again
#
# The reviews of the file are as informative as the base assumes. Let the two added ones see much more, and run more
# often, in a new cell (it takes a minute or two):
#
#     seen = {f"stages.{name} review.informative": "60%" for name in ("first", "second")}
#     found = simulator.compare(one, three.change(seen, "three sharp reviews"), blind, replications=50)
#     loss, days = found.differences("loss.total"), found.differences("turnaround.mean")
#     print(loss[["b", "value", "low", "high"]])
#     print(found.differences("loss_rate")[["b", "value", "low", "high"]])
#     print(-loss["value"] / (days["value"] * days["drawn_in_both"] / found.replications))
#
# Expect the sharp reviews to lower the loss by about 1.3m CNY a run, and by a quarter of a yuan for 100 CNY lent,
# neither by chance alone. The last line divides the first by the days that they add to all loans of a run. Waiting
# avoids nothing, but reviews do: one or two thousand CNY for each firm and day. How much loss do blind reviews avoid,
# only by lending less? And what interest does the bank lose by that? (`found.payments()` has it.)
