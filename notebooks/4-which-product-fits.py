# %% [markdown]
# # 4. Ten cases, four kinds of firm
#
# **Question: which of the products of the Shanghai notice fits which firm?**
#
# The notice tells of ten cases. Each product has rules: an industry, a district, a number of rights, a value. This
# notebook describes four firms, holds them against all products, and then looks at the ten cases side by side.
#
# The notice prints some rules and hardly any times. Most rules, and how long each step takes, are assumptions: that one
# product is quicker than another is a result *if they hold*.

# %%
import ipywidgets as widgets
import pandas as pd

import simulator

simulator.speak("en")  # "zh" shows charts, tables and sentences in Chinese: 把 "en" 改为 "zh" 即可
pd.set_option("display.max_colwidth", 90)

# %% [markdown]
# ## Four firms
#
# A firm is what is told of it. Properties that are not told leave the rules about them open; that is said and not
# guessed.

# %%
SOUND = {
    "good_credit_record": True, "controls_its_ip": True, "can_implement_its_ip": True, "fits_priority_industries": True,
    "gives_counter_guarantee": True, "major_negative_information": False, "model_score": 70, "ip_score": 70,
    "legal_form": "company", "bank_debt": "0 CNY", "licences_out": False,
}  # fmt: skip
FIRMS = {
    "young software firm": SOUND | {
        "industry": "software and AI", "district": "Pudong", "in_park": False, "years_since_founding": 4,
        "annual_sales": "8m CNY", "net_assets": "3m CNY", "net_assets_last_year": "2m CNY", "has_real_estate": False,
        "amount_requested": "1.5m CNY", "invention_patents": 2, "utility_models": 0, "trademarks": 1,
        "software_copyrights": 9, "patent_value": "5m CNY", "trademark_value": "200k CNY",
        "has_high_value_patents": False, "uses_geographical_indication": False,
    },
    "machine builder": SOUND | {
        "industry": "high-end manufacturing", "district": "another district", "in_park": False,
        "years_since_founding": 12, "annual_sales": "60m CNY", "net_assets": "25m CNY",
        "net_assets_last_year": "22m CNY", "has_real_estate": True, "property_value": "20m CNY",
        "amount_requested": "9m CNY", "invention_patents": 14, "utility_models": 20, "trademarks": 3,
        "software_copyrights": 0, "patent_value": "40m CNY", "trademark_value": "2m CNY",
        "has_high_value_patents": True, "uses_geographical_indication": False,
    },
    "brand in the park": SOUND | {
        "industry": "food and catering", "district": "Xuhui", "in_park": True, "years_since_founding": 7,
        "annual_sales": "30m CNY", "net_assets": "9m CNY", "net_assets_last_year": "8m CNY", "has_real_estate": False,
        "amount_requested": "5m CNY", "invention_patents": 0, "utility_models": 1, "trademarks": 12,
        "software_copyrights": 1, "patent_value": "0 CNY", "trademark_value": "18m CNY",
        "has_high_value_patents": False, "uses_geographical_indication": False,
    },
    "peach growers of Fengxian": SOUND | {
        "industry": "agriculture", "legal_form": "cooperative", "district": "Fengxian", "in_park": False,
        "years_since_founding": 10, "annual_sales": "6m CNY", "net_assets": "2m CNY", "net_assets_last_year": "2m CNY",
        "has_real_estate": False, "amount_requested": "1m CNY", "invention_patents": 0, "utility_models": 0,
        "trademarks": 2, "software_copyrights": 0, "patent_value": "0 CNY", "trademark_value": "5m CNY",
        "has_high_value_patents": False, "uses_geographical_indication": True, "holds_gi_qualification": True,
        "gi_association_member": True, "owns_geographical_indication": False,
    },
}  # fmt: skip

# %% [markdown]
# A property that no firm has is refused, with the nearest spelling. Try it.

# %%
try:
    simulator.match({"anual_sales": "8m CNY"}, "C8-F1", days=False)
except simulator.ScenarioError as error:
    print(error)

# %% [markdown]
# ## Who may have what?
#
# The bundled scenarios are products, contrasts (what a product is compared with) and comparisons. We take the products,
# without one that the notice only plans.

# %%
bundled = simulator.catalogue()
PLANNED = "C3-F4"  # the IP code
PRODUCTS = [simulator.load(name) for name in bundled[bundled["kind"] == "product"]["id"] if name != PLANNED]
matches = {name: simulator.match(told, *PRODUCTS, days=False).frame for name, told in FIRMS.items()}
answers = pd.DataFrame({name: found.set_index(["scenario", "product"])["status"] for name, found in matches.items()})
answers = answers.reindex([each.id for each in PRODUCTS], level="scenario")  # in the order of the cases
answers.replace({"eligible": "yes", "not eligible": "–", "not all told": "?"})

# %%
for name in FIRMS:
    print(f"{name:26} may have {(answers[name] == 'eligible').sum():2} of {len(answers)} products")

# %% [markdown]
# **Question.** Which firm did you expect to have the most choice? What decides: size, district, or what it owns?
#
# ## Why not?
#
# Every refusal has a reason with its distance: by how much a rule is failed.

# %%
software = matches["young software firm"]
software.query("status == 'not eligible'").set_index("scenario")[["failed"]].head(8)

# %% [markdown]
# With a live notebook, turn the slider: what would the software firm need? (A park is a place, too: set `in_park`.)

# %%
def with_patents(invention_patents=2, in_park=False):
    """The products that the software firm may have with so many patents, each valued as its two."""
    each = 2.5
    firm = FIRMS["young software firm"] | {
        "invention_patents": invention_patents,
        "patent_value": f"{each * invention_patents:g}m CNY",
        "in_park": in_park,
    }
    found = simulator.match(firm, *PRODUCTS, days=False).eligible
    where = "in" if in_park else "outside"
    print(f"{invention_patents} patents, {where} the park:", ", ".join(found["scenario"].unique()))


with_patents()
with_patents(in_park=True)
slider = widgets.interact(
    with_patents, invention_patents=widgets.IntSlider(2, min=0, max=15, continuous_update=False), in_park=False
)

# %% [markdown]
# ## How much, how soon, and who bears a loss?
#
# For what a firm may have, a few simulated runs say how long the product's firms wait, with a 95 % interval. The
# durations of steps are assumed, and no number of runs changes that. The days tell products apart rather than promise
# this firm a date; and where two intervals overlap, not even the order is sure.

# %%
def offers(name):
    """The products that a firm may have, the quickest first."""
    scenarios = matches[name].query("status == 'eligible'")["scenario"].unique()
    found = simulator.match(FIRMS[name], *scenarios, replications=4).eligible
    found["amount"] = (found["amount_cny"] / 1e6).map("{:.2f}m CNY".format)
    shown = ["product", "amount", "mean_days", "mean_days_low", "mean_days_high", "p90_days", "loss_borne_by"]
    return found.set_index("scenario")[shown].round(1)


offers("young software firm")

# %%
offers("peach growers of Fengxian")

# %% [markdown]
# **Question.** Is the quickest product the one that lends the most? Who bears the loss where a bank decides fast?
#
# ## The ten cases side by side
#
# One product of each case, each with the same stream of firms. A short wait with few firms served may be a narrow gate
# and no fast office: both stand in the chart.

# %%
ten = simulator.compare("ten-cases", replications=2)
ten.chart("landscape");

# %%
shown = ["mean_days", "mean_days_low", "mean_days_high", "drawn", "drawn_of_eligible"]
table = ten.turnaround().set_index("world")[shown]
gate = ten.cases().set_index("world")
table["eligible_of_arrived"] = gate["eligible"] / gate["arrived"]
table.round(2).sort_values("mean_days")

# %% [markdown]
# Look at `drawn` before you read a rank. Case 2 has drawn six firms in two runs: its interval reaches from nothing to
# almost two months, and its place in the list says nothing. Case 9 is quicker here than C9-F1 in the offers above, and
# not by chance: in the comparison it has as many applicants as all cases, more than its own, and a desk of five people
# for them.

# %%
ten.chart("eligibility");

# %% [markdown]
# ## Change this and run again
#
# Describe a firm that you know: copy one of the four in `FIRMS`, give it the key "my firm", change what is told, and
# run everything below. Then leave out its `district` and `in_park`: which products are now "not all told" (a ? in the
# table)? `matches["my firm"][["scenario", "not_told"]]` says what each product still has to know. What would you ask
# the firm first? (With a copy of the software firm expect nine open rows, five of them about the park.)
