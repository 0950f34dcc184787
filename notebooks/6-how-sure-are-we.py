# %% [markdown]
# # 6. How sure are we?
#
# **Question: a simulation prints a number of days. How much of it is luck, how much is assumption, and what may one
# conclude?**
#
# Two kinds of not knowing have to be kept apart. *Chance*: another two years would bring other firms; more replications
# make it smaller. *Assumption*: nobody has measured how long a visit takes; more replications do not help at all.

# %%
from functools import cache

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats

import simulator

pd.set_option("display.max_colwidth", None)
simulator.speak("en")  # "zh" shows charts, tables and sentences in Chinese: 把 "en" 改为 "zh" 即可
MOST = 12  # replications
one = simulator.load("C8-F1")
three = one.variant("three reviews")

# %% [markdown]
# ## Chance: one replication is one possible course
#
# We run two designs together: one review, and three.

# %%
result = simulator.compare(one, three, replications=MOST)
runs = result.by_replication("turnaround.mean").pivot(index="replication", columns="world", values="value")
runs.columns = ["one review", "three reviews"]
figure, axes = plt.subplots(figsize=(7, 3))
(runs - runs.mean()).plot(ax=axes, style=["o-", "s-"])
axes.axhline(0, color="#999999", linewidth=1)
axes.set(xlabel="replication", ylabel="days above\nthe design's mean")
axes.legend(frameon=False)
figure.tight_layout()
print("means:", ", ".join(f"{name} {days:.1f} days" for name, days in runs.mean().items()))
print(f"correlation of the two: {runs['one review'].corr(runs['three reviews']):.2f}")

# %% [markdown]
# The lines tend to move together, not always: the same firms meet both designs with the same luck, but they meet other
# queues.
#
# ## Pairing: the same luck for both
#
# What we want is the *difference*. Replication by replication it varies less than the days do. Had each design its own
# luck, the interval would be wider; `pairing_gain` says how many times as many runs that would take for the same
# interval.

# %%
difference = result.differences("turnaround.mean").iloc[0]
other_luck = three.change({"run.seed": one.value("run.seed") + 1}, "three reviews, other luck")
unpaired = simulator.compare(one, other_luck, replications=MOST).differences("turnaround.mean").iloc[0]
for name, found in (("same luck", difference), ("own luck ", unpaired)):
    print(f"{name}: {found.value:+.2f} days, 95 % interval {found.low:+.2f} to {found.high:+.2f}")
print(f"without pairing it would take {difference.pairing_gain:.1f} times as many replications")

# %% [markdown]
# **Question.** Why is a difference of two designs better known than the days of either of them?
#
# ## How many replications?
#
# Half the width of the interval shrinks with the square root of the number: four times the work for twice the
# precision. So it is in the long run. With few runs two things are added: the factor of Student's t is larger than the
# well-known 1.96 (it is 3.2 for four runs), and the width itself hangs on luck, so that an unusual replication makes it
# jump. A slider for a live notebook; the chart has the whole course, and dashed what it would be if the spread of all
# runs were known from the start.

# %%
added = runs["three reviews"] - runs["one review"]


def interval(values):
    """Mean and half the width of its 95 % interval, by Student's t."""
    return np.mean(values), stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)


def with_runs(count=10):
    """What the first so many replications say of the difference, replication by replication."""
    middle, half = interval(added[:count])
    print(f"{count} replications: {middle:.2f} ± {half:.2f} days")


for count in (4, 8, MOST):
    with_runs(count)
slider = widgets.interact(with_runs, count=widgets.IntSlider(10, min=2, max=MOST))

# %%
counts = np.arange(3, MOST + 1)
courses = {"difference, paired": added, "one review": runs["one review"]}
figure, axes = plt.subplots(figsize=(7, 3))
for (name, values), colour in zip(courses.items(), ("#0072b2", "#d55e00"), strict=True):
    axes.plot(counts, [interval(values[:count])[1] for count in counts], "o-", color=colour, markersize=3, label=name)
    dashed = stats.t.ppf(0.975, counts - 1) * values.std() / np.sqrt(counts)
    axes.plot(counts, dashed, "--", color=colour, linewidth=1, label=f"{name}, spread known")
axes.set(xlabel="replications", ylabel="half of the 95 % interval (days)", ylim=(0, None))
axes.legend(frameon=False)
figure.tight_layout()

# %% [markdown]
# Instead of a number one can ask for a precision: replications are added until it is reached.

# %%
precise = simulator.compare(one, three, precision="turnaround.mean 2.5%", replications=4, max_replications=25)
print(f"{precise.replications} replications reach it:")
precise.turnaround().set_index("world")[["mean_days", "mean_days_low", "mean_days_high"]].round(2)

# %% [markdown]
# ## The same question about money
#
# Firms have days by the hundred; loans fail by the handful. The same runs that settle the days leave the loss open.

# %%
loss = result.differences("loss.total").iloc[0]
half = (loss.high - loss.low) / 2
print(f"three reviews: net loss {loss.value / 1e6:+.2f} m CNY a run, ± {half / 1e6:.2f}")
wanted = 0.25e6
needed = round(MOST * (half / wanted) ** 2, -2)
print(f"To know it to ± {wanted / 1e6:.2f} m CNY takes roughly {needed:,.0f} replications.")

# %% [markdown]
# Roughly: the spread of the loss is known from twelve runs only, and it may well be half as many replications that are
# needed, or three times as many.
#
# **Question.** The interval of the loss holds zero. Does that show that the reviews avoid no loss?
#
# ## Looking at many figures at once
#
# A report shows dozens of differences. Of twenty intervals one misses, on average, by chance alone. Intervals that are
# to hold *together* are wider.

# %%
blind = one.variant("two more that see nothing")
family = simulator.compare(one, three, blind, replications=6).differences("turnaround.p90")
family.set_index("b")[["value", "low", "high", "low_together", "high_together"]].round(2)

# %% [markdown]
# ## Assumption: what nobody has measured
#
# Every number of a bundled scenario says where it comes from. Those below are assumed, each with the range in which it
# could well lie.

# %%
assumed = one.assumptions()
print(f"{len(assumed)} assumptions of the base and the file cover the numbers of {one.label}; three of them:")
ASKED = ["stages.due diligence.elapsed", "stages.quick credit approval.elapsed", "applicants.arrivals"]
assumed.set_index("path").loc[ASKED]  # in "value", a triangular distribution has its least, likeliest and most

# %% [markdown]
# ## Does the conclusion survive?
#
# One assumption at a time goes to each end of its range, for both designs. The question is not whether the days change,
# they do, but whether *three reviews take longer* stops being true. A mean above zero is not enough to say that it is
# true: its interval has to be.

# %%
ENDS = {
    "stages.due diligence.elapsed": ("1 working day", "5 working days"),
    "stages.quick credit approval.elapsed": ("1 working day", "5 working days"),
    "applicants.arrivals.per_working_day": (0.2, 1.5),
    "stages.first review.elapsed": ("1 working day", "5 working days"),
}


@cache
def at(path=None, value=None):
    """Days of one review, and what two more add to them: as stated, or where a path has this value."""
    changes = {path: value} if path else {}
    worlds = [world.change(changes, name) for world, name in ((one, "one"), (three, "three"))]
    found = simulator.compare(*worlds, replications=4)
    added = found.differences("turnaround.mean").iloc[0]
    return {
        "one review (days)": found.turnaround()["mean_days"][0],
        "two more add (days)": added.value,
        "from": added.low,
        "to": added.high,
    }


rows = [{"assumption": path, "value": value} | at(path, value) for path, ends in ENDS.items() for value in ends]
sensitivity = pd.DataFrame(rows).set_index(["assumption", "value"])
sensitivity.round(1)

# %%
as_stated = at()
figure, panels = plt.subplots(1, 2, figsize=(9, 3), sharey=True)
for axes, column in zip(panels, ("one review (days)", "two more add (days)"), strict=True):
    for place, path in enumerate(ENDS):
        low, _, high = sorted([*sensitivity.loc[path, column], as_stated[column]])
        axes.barh(place, high - low, left=low, color="#56b4e9")
    axes.axvline(as_stated[column], color="#333333", linewidth=1)
    axes.set_xlim(0, None)
    axes.set_xlabel(column)
panels[0].set_yticks(range(len(ENDS)), [".".join(path.split(".")[:2]) for path in ENDS])
panels[0].invert_yaxis()
figure.tight_layout()
open_ends = sensitivity[sensitivity["from"] <= 0]
for (path, value), row in open_ends.iterrows():
    print(f"Not shown where {path} is {value}: {row['from']:.1f} to {row['to']:.1f} days.")
shown = f"{len(sensitivity) - len(open_ends)} of {len(sensitivity)} ends"
print(f"Shown at {shown} of these {len(ENDS)} assumptions, of {len(assumed)}, one at a time.")

# %% [markdown]
# The line is the scenario as stated, a bar reaches from one end of the range to the other. The assumptions were picked
# by hand and moved one at a time, and each interval holds by itself, not together with the others.
#
# **Question.** Where the conclusion is not shown, is that chance or assumption? (Run that end with 12 replications
# before you answer. Notebook 2 looks at a rush of firms.)

# %% [markdown]
# ## Change this and run again
#
# How much the reviews lower the *loss* rests on how much they see. Let both added reviews see nothing, and then much,
# in a new cell (it takes a few minutes):
#
#     for seen in ("0%", "60%"):
#         sees = {f"stages.{name} review.informative": seen for name in ("first", "second")}
#         worlds = one, three.change(sees, f"reviews that see {seen}")
#         print(simulator.compare(*worlds, replications=50).differences("loss.total")[["b", "value", "low", "high"]])
#
# Expect about 0.45m CNY a run less where they see nothing and 1.3m where they see much, neither by chance alone. Why do
# reviews that see nothing lower the loss, too? (Write `"loss_rate"` for `"loss.total"`: do they lower the loss of what
# is lent?) The two intervals overlap: how many replications would you need before you tell a bank what it is worth that
# reviews see something?
