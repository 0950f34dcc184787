"""Words from closed lists that stand elsewhere as data and are said where they are shown, as `say(word)`.

They are what results are filed under, so the lists themselves stay English; here they are marked for the catalogue.
`tests/test_vocabulary.py` holds each of these against the list that it is about.
"""

from __future__ import annotations

from simulator.texts import phrase

PAYMENTS = (
    phrase("loan paid out"), phrase("principal repaid"), phrase("interest"), phrase("guarantee fee"),
    phrase("premium"), phrase("appraisal fee"), phrase("other charge"), phrase("licence payment"),
    phrase("claim paid"), phrase("re-guarantee paid"), phrase("IP sold"), phrase("cost of sale"),
    phrase("recovery returned"), phrase("surplus of the sale"), phrase("interest subsidy"),
    phrase("guarantee fee subsidy"), phrase("premium subsidy"), phrase("appraisal fee subsidy"),
    phrase("cost of funds"), phrase("expenses"), phrase("staff"),
)  # fmt: skip
"""What payments are for."""

PAYMENT_GROUPS = (
    phrase("lent, repaid"), phrase("licence payments"), phrase("interest"), phrase("fees, premiums"),
    phrase("claims"), phrase("IP sold"), phrase("subsidies"), phrase("own costs"),
)  # fmt: skip
"""The groups of payments that tables and charts tell apart."""

ENDS = (
    phrase("not eligible"), phrase("open"), phrase("drawn"), phrase("declined"), phrase("withdrawn"),
    phrase("expired"), phrase("completed"),
)  # fmt: skip
"""How a case stands at the end of the follow-up."""

USES = (phrase("work"), phrase("waiting"), phrase("closed"), phrase("elapsed"))
"""Where the time of a case goes."""

OUTCOMES = (
    phrase("selected"), phrase("confirmed"), phrase("recommended"), phrase("pre-credited"), phrase("submitted"),
    phrase("complete"), phrase("qualified"), phrase("reported"), phrase("verified"), phrase("valued"),
    phrase("reused"), phrase("rated"), phrase("approved"), phrase("given"), phrase("issued"), phrase("consented"),
    phrase("signed"), phrase("accepted"), phrase("registered"), phrase("restricted"), phrase("filed"),
    phrase("notified"), phrase("drawn"), phrase("sound"), phrase("exit"), phrase("released"), phrase("claimed"),
    phrase("returned"), phrase("declined"),
)  # fmt: skip
"""How a step can turn out."""

PROPERTIES = (
    phrase("industry"), phrase("legal form"), phrase("district"), phrase("in park"), phrase("years since founding"),
    phrase("annual sales"), phrase("net assets last year"), phrase("net assets"), phrase("bank debt"),
    phrase("has real estate"), phrase("property value"), phrase("amount requested"), phrase("loan to sales"),
    phrase("this loan to sales"), phrase("invention patents"), phrase("utility models"), phrase("trademarks"),
    phrase("software copyrights"), phrase("IP rights"), phrase("patent value"), phrase("trademark value"),
    phrase("appraised value"), phrase("has high value patents"), phrase("IP score"), phrase("model score"),
    phrase("phase three product"), phrase("holds innovation title"), phrase("licences out"),
    phrase("licence fees"), phrase("licence is exclusive"), phrase("licensee can pay"),
    phrase("uses geographical indication"), phrase("holds GI qualification"), phrase("GI association member"),
    phrase("owns geographical indication"), phrase("fits priority industries"), phrase("controls its IP"),
    phrase("can implement its IP"), phrase("good credit record"), phrase("gives counter guarantee"),
    phrase("major negative information"),
)  # fmt: skip
"""Properties of firms in the bundled scenarios, as `simulator.analysis.eligibility.spoken` has them."""

PROPERTY_WORDS = (
    phrase("integrated circuits"), phrase("biomedicine"), phrase("software and AI"),
    phrase("high-end manufacturing"), phrase("new materials and energy"), phrase("environmental technology"),
    phrase("business services"), phrase("food and catering"), phrase("agriculture"), phrase("company"),
    phrase("cooperative"), phrase("association"), phrase("Pudong"), phrase("Xuhui"), phrase("Hongkou"),
    phrase("Fengxian"), phrase("another district"), phrase("outside Shanghai"),
)  # fmt: skip
"""Words that such properties can be."""

ACTORS = (phrase("firm"), phrase("outside"))
"""Payers and payees that are no party: all firms, and whoever else."""

MEASURES = (
    phrase("turnaround mean"), phrase("turnaround p50"), phrase("turnaround p90"), phrase("turnaround working mean"),
    phrase("turnaround working p50"), phrase("turnaround working p90"), phrase("firm cost contractual mean"),
    phrase("firm cost contractual p50"), phrase("firm cost contractual p90"),
    phrase("firm cost contractual after subsidy mean"), phrase("firm cost contractual after subsidy p50"),
    phrase("firm cost contractual after subsidy p90"), phrase("firm cost realised mean"),
    phrase("firm cost realised p50"), phrase("firm cost realised p90"),
    phrase("firm cost realised after subsidy mean"), phrase("firm cost realised after subsidy p50"),
    phrase("firm cost realised after subsidy p90"), phrase("drawn within share"), phrase("time share work"),
    phrase("time share waiting"), phrase("time share closed"), phrase("time share elapsed"), phrase("drawn"),
    phrase("swept"), phrase("registered"), phrase("loss total"), phrase("firm cost lowest"), phrase("loss gross"),
    phrase("defaults"), phrase("default rate"),
)  # fmt: skip
"""Measures as `simulator.analysis.sweep.title_of` has them, those about something with a name of its own left out."""

UNITS = (
    phrase("m CNY"), phrase("CNY"), phrase("k CNY"), phrase("bn CNY"), phrase("min"), phrase("h"), phrase("days"),
    phrase("working days"), phrase("weeks"), phrase("months"), phrase("years"),
)  # fmt: skip
"""Units of measures and of swept values, beside percent."""

NOTES = (
    phrase("not finite: some cases are still open"), phrase("no such cases"),
    phrase("too few replications for an interval"), phrase("too few replications with such cases for an interval"),
    phrase("this world has no such measure"), phrase("no such paths"),
    phrase("the run is too short for a steady state to be seen"), phrase("no case is drawn"),
    phrase("no steady state is seen"), phrase("too few replications beyond it"),
)  # fmt: skip
"""Why there is no figure, or no interval."""
