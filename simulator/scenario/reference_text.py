"""What the reference page says beside its tables: sections in the order of a file, each with words and an example."""

from __future__ import annotations

from dataclasses import dataclass

Parts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the page: its text, its example, and which keys and parts of the model its table lists."""

    title: str
    text: str
    example: str = ""
    keys: tuple[str, ...] = ()
    parts: Parts = ()
    """Parts of the model listed here, each with the path at which it stands; elsewhere they are only linked."""


OPENING = """\
# Reference: every key of a scenario file

*This page is written by the program. To change it, change the descriptions in the model or the texts in
`simulator/scenario/reference_text.py`, then run `python -m simulator.scenario.reference > docs/reference.md`.*

A scenario file is a plain text file that ends in `.yaml`. It says who takes part, who applies, how a product works and
what you assume. You need no programming to write one. `pledgesim validate FILE` reads it and tells you everything that
is wrong with it at once, with line and column.

In the tables, words in CAPITALS stand for a name that you choose: `parties.PARTY.desks` means that below `parties`
comes the name of a party, and below that the key `desks`. `[]` stands for each item of a list. *Needed* means that the
key must be given, in this file or in the file that it extends. A dash means that it may be left out.

An editor that knows YAML checks the file as you type and shows these texts. Write the schema beside your file and name
it in the file's first line:

```sh
pledgesim schema > pledgesim.schema.json
```

```yaml
# yaml-language-server: $schema=pledgesim.schema.json
id: my-city
```
"""

WRITING = """\
A file is made of keys and values: `tenor: 12 months`. What belongs to a key is indented below it by spaces (no
tabs), or written behind it in braces: `{staff: 2}`. A list has a `-` before each item, or stands in brackets:
`[Monday, Friday]`. Behind `#` you may write a note.

**Every number carries its unit.** A number without its unit is an error, except where things are counted.

| what | how | remarks |
|---|---|---|
| money | `30m CNY`, `500k CNY`, `1.2bn CNY`, `4_000_000 CNY`, `400万元` | thousand, million, billion; no commas |
| share | `40%`, `0.5%` | of one; how a loss is split may also be written `1/3` or `rest` |
| working time | `90 min`, `2 h` | time that somebody works, in open hours |
| working days | `3 working days` | days on which the office is open: holidays do not count, make-up days do |
| calendar days | `30 days`, `2 weeks` | every day counts |
| long times | `6 months`, `3 years` | for tenors and for the length of the experiment |
| date | `2021-09-17` | year, month, day |
| moment | `2021-09-17 15:00` | time in Shanghai |
| hours | `9:00-17:00`, or `9:00-12:00, 13:00-17:00` | or `always` |
| yes or no | `true`, `false` | |
| count | `3` | people, files, repetitions |

`days` and `working days` are different things and are never turned into one another silently.

**Names** of parties, desks, steps, products and properties are yours. They may hold spaces and Chinese characters, but
none of `. * = : / \\`, because a path such as `products.patent loan.tenor` uses these.

**`null`** as a value (or nothing at all) takes out what the file that you extend has under this key.

**Some traps of YAML do not exist here.** `no`, `yes`, `on` and `off` are ordinary words, not `false` and `true`.
`12:30` is a text, not a number. `1e6` is the number one million. The same key twice in one place is an error and
not a silent choice. Anchors (`&`), aliases (`*`), tags (`!`) and the merge key `<<` are refused: use `extends`. A
full-width colon or comma (`：`, `，`) where YAML needs the half-width one is pointed out. One trap is left: a text
that holds `: ` or begins with a special character such as `[`, `{`, `%`, `@` or `*` needs quotes, and so does a
text with a comma inside braces or brackets: `{hours: "9:00-12:00, 13:00-17:00"}`. """

OWN_FILES = """\
`pledgesim allocate` and `pledgesim losses` also read an agreement from a file of its own. Its keys are `risk_sharing`,
as [above](#risk-sharing); `parties`, a list of those that it may name, or a mapping with the names shown; `name`; and
`credit`, for the loans of a book: as [above](#credit), without `quality_weight`. There `annual_default_rate` is for
loans without a rate of their own, and `recovery` is needed only where loans have an appraised value.

Tables are CSV files in UTF-8, UTF-16 or GBK, parted by commas, semicolons or tabs. The first row names the columns, in
English or Chinese and in any order; a unit may stand in brackets, as in `本金(万元)`. Amounts may have thousands
separators, shares are written `3%` or `0.03`, days `2023-05-08`, `2023/5/8` or `2023年5月8日`.

| table | column | also | what it is |
|---|---|---|---|
| losses | `date` | 日期, 代偿日期 | Day on which the claim is settled |
| losses | `borrower` | 借款人, 企业 | Who has defaulted |
| losses | `loan` | 贷款编号, 合同编号 | Name or number of the loan |
| losses | `amount` | 金额, 损失金额 | The loss |
| losses | `lost_on` | 违约日期 | Day of the default, where the agreement goes by it |
| recoveries | `date` | 日期, 回收日期 | Day of the proceeds |
| recoveries | `loan` | 贷款编号, 合同编号 | Whose loss is recovered |
| recoveries | `amount` | 金额, 回收金额 | Proceeds |
| recoveries | `cost` | 费用, 处置费用 | What it cost to get them |
| book | `loan`, `borrower` | 贷款编号, 借款人 | As in losses |
| book | `principal` | 本金, 贷款金额 | What is lent |
| book | `start` | 放款日期, 起始日 | Day of the drawdown |
| book | `tenor_months` | 期限, 期限月数 | Months to maturity; for `losses`, or for a base of guaranteed balance |
| book | `annual_pd` | 年违约率 | Share of such loans that default within a year; for `losses` |
| book | `lgd` | 违约损失率 | Share that is lost at a default; for `losses`, or else the next |
| book | `appraised_value` | 评估价值 | What the pledged IP is worth at drawdown, which is sold after a default |
| book | `premium` | 保费 | Premium paid for the loan; for a base of premium |
| book | `interest_rate` | 年利率, 利率 | Interest of a year; for `losses` that include interest |
"""
SECTIONS = (
    Section("How values are written", WRITING),
    Section(
        "Texts in two languages",
        """\
A bare text counts as English. Tables and charts show the text in the language that they are asked for, or in the
other if only that is given. Whatever has a key (a party, a step, a quota, a variant) is called by it in English, and
in Chinese by the Chinese of its `name`. A long Chinese text may be broken into lines: the spaces that this leaves
between Chinese characters are taken out.""",
        """\
name: {en: Patent loans of my city, zh: 本市专利质押贷款}
about:
  en: The guarantor reviews every file once.
  zh: >-
    担保公司对每笔业务只评审一次，
    通过后即出具担保意向函。
""",
        parts=(("TEXT", "Text"),),
    ),
    Section(
        "Distributions",
        """\
Wherever the form says *or a distribution*, the value may be fixed (`work: 2 h`) or random. A random one takes
exactly one of the keys below. All its numbers have the same unit. The values of a list are in rising order,
and the unit may stand at the last alone: `[2, 4, 8 h]` is `[2 h, 4 h, 8 h]`. What suits: `triangular` when somebody
can tell you the least, the usual and the most; `lognormal` for times that are now and then very long.""",
        """\
stages:
  valuation:
    work: {triangular: [2, 4, 8 h]}
  due diligence:
    elapsed: {lognormal: {median: 3 working days, p90: 8 working days}}
""",
        parts=(("VALUE", "Distribution"),),
    ),
    Section(
        "The file itself",
        """\
A file either says everything, or `extends` another and says only what differs. A key that both have is changed;
lists are replaced whole, except a [flow](#changes-to-a-flow), which is edited by the names of its steps. A
`product` or `contrast` needs `calendars`, `applicants`, `products`, `credit` and `run`, its own or from its base; a
`comparison` needs `compare`; a `base` is only there to be extended and needs nothing. `id`, `kind`, `question`,
`about`, `variants`, `compare` and `charts` are not taken from a base.""",
        """\
id: my-city
question: Do two reviews instead of three bring the money sooner?
about: A guarantor reviews every file twice; the bank then decides within five working days.
""",
        keys=("id", "kind", "case", "name", "question", "about", "extends"),
    ),
    Section(
        "Calendars",
        """\
A calendar says on which days and hours a desk works. `office` is the one that parties use when they name none. The
days of mainland China include public holidays and the Saturdays and Sundays worked in exchange, for every year that
has been published. For a later year, say `calendar: projected` or give the year's days under `tables`.""",
        """\
calendars:
  office:
    hours: 9:00-12:00, 13:00-17:00
    closures:
      - {first: 2022-04-01, last: 2022-05-31, why: the city was closed}
  counter:
    days: weekdays
    weekday_hours: {Friday: 9:00-16:00}
""",
        keys=("calendars",),
    ),
    Section(
        "Parties and desks",
        """\
A party is an institution. Its desks do the work; a step names a desk by the party and the desk: `bank reviewer`. Each
desk has one queue and exactly one of `staff`, `shifts`, `committee` or `batch`. Several steps and products may share a
desk. `firm` is the applicant itself and never a party. A meeting that falls on a day off moves to the next working day.
A batch gathers files, such as those of an association's members, and deals with all of them in one go.""",
        """\
parties:
  bank:
    name: {en: City Bank, zh: 城市银行}
    desks:
      reviewer: {staff: 3}
      cashier:
        shifts:
          - {staff: 2, calendar: office}
          - {staff: 1, calendar: counter}
  guarantor:
    desks:
      officer: {staff: 2}
      committee:
        committee: {meets: [Tuesday, Friday], at: 14:00, takes: 6, lasts: 2 h}
      signing day:
        batch: {size: 5, wait: 3 working days, lasts: 2 h}
  registry: {}
  district: {}
""",
        keys=("parties",),
    ),
    Section(
        "Stages",
        """\
`stages` gives the settings of steps once, for all flows: by the name of the step. A step in a flow may still say
something else. A step has `work` at a desk (somebody works on it), `elapsed` (time passes and nobody is held up),
or both (time passes in which a desk must find its hours). At a desk that is a committee or works in batches, the
meeting or the batch is the work, so give none.

What a step *is* comes from the list of kinds below. If its name is one of them, that is its kind; otherwise say
`stage:`. On the first outcome of its kind a file goes on to the next step; `declined` ends the application; `returned`
must say where the file goes. Without `odds`, every file has the first outcome.""",
        """\
stages:
  application: {elapsed: 2 working days}
  due diligence: {by: bank reviewer, work: 1 h}
  valuation: {by: guarantor officer}
  guarantee review: {by: guarantor committee, odds: {approved: rest, declined: 8%}}
  second review: {stage: guarantee review, by: guarantor officer, work: 90 min}
  pledge registration: {by: registry, elapsed: 5 working days, of: patent, pledgee: guarantor, route: online}
""",
        keys=("stages",),
    ),
    Section(
        "Applicants",
        """\
Arrivals come from exactly one of `per_working_day`, `firms` or `csv`. Each firm has the properties listed under
`population`; the names are yours, but `amount_requested` and `appraised_value` must be there, as amounts of money.
A property is one of: an amount, count or share (fixed or a [distribution](#distributions)); `yes` (true or false);
`odds` (a word); a share `of` another amount, or so much money for each `of` a count; a `sum` of amounts or of counts;
or a ratio, `sum` divided by `over`. Firms for which the property named under `by` has a value listed under `where` are
drawn as that says. A property may only use properties that stand above it. The keys of a distribution are not listed
again. Firms under `also` apply besides, and change nothing in what is drawn for the others. What is told of a firm by
name stands in place of what is drawn, and holds for all that is worked out from it.""",
        """\
applicants:
  arrivals:
    per_working_day: 2
    by_month: {2: 50%}
  population:
    high_tech: {yes: 60%}
    industry: {odds: {machinery: 40%, software: 30%, other: rest}}
    annual_sales: {lognormal: {median: 20m CNY, p90: 80m CNY}}
    debts: {of: annual_sales, uniform: [10, 60%]}
    debt_ratio: {sum: [debts], over: annual_sales}
    patents: {exponential: 4, by: industry, where: {software: {exponential: 1}}}
    patent_value: {of: patents, lognormal: {median: 1m CNY, p90: 4m CNY}, rounded_to: 10k CNY}
    trademark_value: {lognormal: {median: 3m CNY, p90: 9m CNY}, rounded_to: 10k CNY}
    appraised_value: {sum: [patent_value, trademark_value]}
    amount_requested: {of: annual_sales, uniform: [5, 25%]}
  correlations:
    - {between: [annual_sales, patents], rho: 0.5}
  also:
    - at: 2021-03-01 10:00
      name: A firm known by name
      known_eligible: true
      attributes: {industry: software, annual_sales: 30m CNY, patents: 7}
  patience: 180 days
""",
        keys=("applicants",),
    ),
    Section(
        "Conditions",
        """\
A condition tests one property of a firm. Conditions stand under `eligibility`, in the `when` of a [choice](#flow),
and in published rules. All conditions listed must hold. A bare `true`, `false` or word stands for `equals`.""",
        """\
products:
  patent loan:
    eligibility:
      high_tech: true
      industry: {one_of: [machinery, software]}
      annual_sales: {at_least: 5m CNY, below: 400m CNY, exceptions: 10%, why: small and medium-sized firms}
      debt_ratio: {at_most: 70%}
""",
        parts=(("CONDITION", "Condition"),),
    ),
    Section(
        "Products",
        """\
A product is one way to the money. The amount is what the firm asks for, cut to every limit. If several products
stand in one file, firms try them in the order of `applicants.prefer`.

`pledged` names the property that is the appraised value of what is pledged: it is what is sold after a default. A loan
is repaid in one sum at the end of its `tenor`, unless `repayment` sweeps part of every licence payment into it.
`servicing` lists what is done after drawdown, like steps of a flow: a `status monitoring` again and again (`every`),
whose outcome `exit` calls the loan, and a `pledge release` once the loan is repaid.""",
        """\
products:
  patent loan:
    name: {en: Patent loan with guarantee, zh: 专利质押担保贷款}
    amount: {of: {appraised_value: 40%}, at_most: 10m CNY}
    tenor: 12 months
    order:
      - [guarantee review, drawdown]
      - [pledge registration, drawdown]
    recovery: {by: guarantor, haircut: {triangular: [40, 60, 90%]}}
    pledged: patent_value
    registers: {patent_value: 100%}
    repayment: {sweep: {of: annual_sales, share: 2%, every: 3 months, licensee_default_rate: 3%}}
    servicing:
      - status monitoring: {by: guarantor officer, work: 1 h, every: 3 months, odds: {sound: rest, exit: 1%}}
      - pledge release: {by: registry, elapsed: 2 working days}
""",
        keys=("products",),
    ),
    Section(
        "Flow",
        """\
`flow` is the list of steps in order. An item is the name of a step alone (`- valuation`); a step with settings
(`- valuation: {by: guarantor officer, work: 6 h}`); `- together:` with branches that run at the same time; or
`- choice:` with ways of which a file takes one. A branch is a step or a list of steps. A step takes every key of
[stages](#stages), and those below. Names of steps are unique in a flow; to have a stage twice, name one of them
differently and say its `stage:`. Every flow has a step that is a `drawdown`.

`on` routes an outcome: to `next`, to the name of a step of this flow (work is done again, at most `rework_limit`
times), or to one of the ends `end declined`, `end withdrawn`, `end expired`.

A deadline begins with a step's entry, does not count the day on which it begins, and ends at the close of its last
day. When it passes: `count` only counts it; `escalate` puts the file at the front of its queue; `give up` ends the
case as expired.

**How a case ends**

| end | when |
|---|---|
| drawn | the money was paid out |
| declined | a step declined it, it was sent back too often, or a full quota refused it |
| withdrawn | the applicant's patience ran out, or an outcome leads to `end withdrawn` |
| expired | a deadline with `give up` passed, or an outcome leads to `end expired` |
| completed | the flow came to its end without a drawdown, because a choice led past it |
| open | it had not ended when the follow-up was over |""",
        """\
products:
  patent loan:
    flow:
      - application
      - due diligence:
          odds: {reported: rest, returned: 10%}
          on: {returned: application}
      - guarantee review
      - second review
      - together:
          - valuation
          - credit approval:
              by: bank reviewer
              work: 3 h
              deadline: 5 working days
              when_passed: escalate
              reserves: city line
      - choice:
          - when: {annual_sales: {above: 40m CNY}}
            steps:
              - contract: {by: bank reviewer, work: 1 h}
        otherwise:
          - short contract: {stage: contract, elapsed: 30 min}
      - pledge registration
      - drawdown: {by: bank cashier, work: 20 min}
""",
        parts=(
            ("products.PRODUCT.flow.STEP", "Step"),
            ("products.PRODUCT.flow", "Together"),
            ("products.PRODUCT.flow", "Choice"),
        ),
    ),
    Section(
        "Clocks",
        """\
A clock measures a stretch of a case, between two moments: `application` (the firm applies), `entry of STEP` (the
file arrives at the step and may begin to wait), `start of STEP` (the work begins) and `end of STEP`. The clock
`turnaround`, from the application to the drawdown, is always there.""",
        """\
products:
  patent loan:
    clocks:
      decision:
        begins: end of due diligence
        ends: end of credit approval
        unit: working days
        within: 20 working days
""",
        parts=(("products.PRODUCT.clocks.CLOCK", "Clock"),),
    ),
    Section(
        "Risk sharing",
        """\
The agreement says who bears which part of a loss. The shares of `split` make up 100%; one of them may be `rest`. A
share with `up to` is paid as far as a fund or a limit (or each of several) lets it; a share with `when` is borne while
a rate keeps a bound; `otherwise` then says who bears the rest: a party, or a split of its own. A fund is money that its
owner has set aside, for one share only; a limit is a ceiling on what is paid, over one loss, a borrower, a year or for
ever: a deductible, a first loss, a yearly maximum. `cede` shares again what a party has paid, as in a re-guarantee.
Losses are taken in the order in which claims are settled.""",
        """\
products:
  patent loan:
    risk_sharing:
      funds:
        reserve: {balance: 4m CNY, owner: district, top_ups: [{on: 2022-01-01, amount: 1m CNY}]}
      limits:
        stop-loss: {at_most: 150% of guaranteed balance, per: year of claim}
      rates:
        compensation rate: {paid_by: guarantor, over: guaranteed balance}
      split:
        district: {share: 30%, up to: reserve, otherwise: guarantor}
        guarantor: {share: 60%, up to: stop-loss, when: {compensation rate: {below: 80%}}, otherwise: bank}
        bank: rest
      cede:
        guarantor: {district: 40%, guarantor: rest}
      straddle: in proportion
      same_day: in order
      recoveries: {by_rank: [guarantor]}
      changes:
        - {starts: 2023-01-01, by: underwriting, split: {guarantor: 80%, bank: rest}}
""",
        parts=(("products.PRODUCT.risk_sharing", "RiskSharing"),),
    ),
    Section(
        "Shares",
        "A share of a loss, wherever one stands: in `split`, in `otherwise`, in `cede` and in `changes`.",
        """\
products:
  patent loan:
    risk_sharing:
      split:
        district: {share: 30%, up to: reserve, otherwise: {guarantor: 2/3, bank: 1/3}}
""",
        parts=(("SHARE", "Part"),),
    ),
    Section(
        "Quotas",
        """\
A quota limits the credit that is approved and not yet repaid. A step `reserves` it: with the step's first outcome the
firm's credit line is set aside in this quota and in all around it at once, first come first served. It is given back
when the case ends without money, and when the loan ends.""",
        """\
quotas:
  platform: {limit: 300m CNY}
  city line: {limit: 100m CNY, inside: platform, when_full: wait}
""",
        keys=("quotas",),
    ),
    Section(
        "Policy",
        """\
Public money that gives back part of what was paid for a loan: interest, guarantee fees, premiums or appraisal fees. It
is paid as soon as what it is a part of has been paid, and counts in the calendar year of that day. The ceiling holds
over all loans of an applicant.""",
        """\
policy:
  interest subsidy: {of: interest, share: 50%, at_most: 500k CNY, per: applicant and year, paid_by: district}
""",
        keys=("policy",),
    ),
    Section(
        "Credit",
        "Defaults and what the pledged IP brings. A product may differ, with `recovery` of its own.",
        """\
credit:
  annual_default_rate: 3%
  claim_after: 60 days
  recovery: {haircut: 70%, cost: 5%, time: {lognormal: {median: 200 days, p90: 500 days}}}
""",
        keys=("credit",),
    ),
    Section("Agreements, losses and loans in files", OWN_FILES),
    Section(
        "Run",
        """\
How the experiment is done. Firms apply during `arrivals_for`; those of the warm-up fill the desks but are not
counted. Cases and loans are then followed for a while longer. More replications make the intervals around the
figures narrower.""",
        """\
run:
  start: 2021-01-04
  arrivals_for: 1 year
  warm_up: 60 days
  follow_up: {cases: 180 days, loans: 3 years}
  replications: 10
  seed: 7
  drawn_within: 60 days
""",
        keys=("run",),
    ),
    Section(
        "Comparisons and charts",
        "A file of the kind `comparison` lists the worlds that stand side by side. Their applicants are the same.",
        """\
compare:
  - {scenario: C8-F1, label: one review}
  - {scenario: C8-F1, variant: three reviews}
""",
        keys=("compare", "charts"),
    ),
    Section(
        "Evidence",
        """\
Where each number comes from. A key is a path in this file; it covers all numbers below it, the longest path wins,
and `*` stands for any one name. Steps stand in a path by their names. Each entry has exactly one of `published`,
`derived`, `assumed` or `setting`; what is assumed needs its `range`.""",
        """\
evidence:
  stages.valuation.work: {assumed: no time is printed; guarantors say half a day, range: [2 h, 12 h]}
  products.*.amount.of: {published: "C8-F1, pledge rate up to 40 percent"}
  run: {setting: enough replications for narrow intervals}
""",
        keys=("evidence",),
    ),
    Section(
        "Published outcomes",
        """\
Times, amounts and rates that a source prints, so that `pledgesim check` can hold the run against them: of a `clock`,
an `amount` of the drawn cases, what a party pays (`paid_by`), or what a loan costs the firm a year (`firm_cost`).
A `typical` or `observation` fails when the statistic
lies outside `between`; where the model was set so that it holds, say `fitted: true`, and it is told as `set to hold`. A
`target` never fails: the share of cases that meet it is printed. `no figure` states that the source prints none; where
it prints one of several products together, `between` says which, and it is shown, not judged.""",
        """\
published_outcomes:
  two to three weeks:
    clock: turnaround
    statistic: median
    between: [14 days, 21 days]
    kind: typical
    source: T3
  mean loan: {amount: drawn, statistic: mean, between: [3m CNY, 4m CNY], kind: observation, source: V9}
""",
        keys=("published_outcomes",),
    ),
    Section(
        "Published rules",
        """\
Rules that a source prints and that every case must keep; `pledgesim check` holds a run against them. A rule
has one or more of the keys from `every_drawn` on. Beside a firm's properties, `every_drawn` knows `amount_drawn`
(money), `amount_to_value` (the amount drawn over the appraised value of what is pledged) and `tenor_months`.""",
        """\
published_rules:
  pledge rate:
    source: K7
    every_drawn: {amount_to_value: {at_most: 40%}}
  loss sharing:
    source: E-01
    losses:
      - {loss: 2m CNY, paid: {district: 600k CNY, guarantor: 1.2m CNY, bank: 200k CNY}}
    fund_pays_at_most: {reserve: 4m CNY}
  the city line:
    source: K6
    quota_at_most: {city line: 100m CNY}
    quota_filled: {city line: {line: 2m CNY, granted: 50}}
  lowest cost:
    source: K8
    firm_cost_at_least: 2%
  interest subsidy:
    source: K11
    every_subsidy: {interest subsidy: {share: 50%, at_most: 500k CNY}}
    subsidies:
      - {subsidy: interest subsidy, paid: [400k CNY, 1m CNY], given: 500k CNY}
  order of work:
    source: K13
    steps_in_order: [guarantee review, pledge registration, drawdown]
    gates:
      - {firm: {annual_sales: 400m CNY}, admitted: false}
""",
        keys=("published_rules",),
    ),
    Section(
        "Examples",
        """\
Firms that a source tells of. `pledgesim run FILE --applicant NAME` lets one apply besides all others and shows what
came out beside what is `published`; with `--default-at 2021-09-30` its loan defaults that day. Such a firm is known to
have been served: rules on properties that are not given count as passed. `pledgesim match --firm NAME` asks what other
products it could have had.""",
        """\
examples:
  robot maker:
    name: {en: Robot maker, zh: 机器人公司}
    source: page 3
    applies: 2021-03-01 10:00
    firm: {industry: machinery, annual_sales: 40m CNY, patents: 9, amount_requested: 5m CNY}
    published:
      loan: {amount: drawn, statistic: mean, between: [5m CNY, 5m CNY], kind: observation, source: page 3}
      days: {clock: turnaround, statistic: mean, between: [14 days, 28 days], kind: observation, source: page 3}
""",
        keys=("examples",),
    ),
    Section(
        "Variants",
        """\
A variant is a named set of changes; the file as stated and each of its variants are worlds of their own. A change
has the form of the file itself, or a path with dots: `credit.annual_default_rate: 5%`. Where the file has one
product, the product's keys (`flow`, `amount`, `tenor`, ...) may stand directly in the variant. On the command line,
`--set path=value` makes one such change. `name` is what the variant is called besides; the scenario keeps its own.""",
        """\
variants:
  one review:
    name: {zh: 一次评审}
    flow: {remove: second review}
  higher default rate:
    credit.annual_default_rate: 5%
""",
        keys=("variants",),
    ),
    Section(
        "Changes to a flow",
        """\
In a variant, and in a file that extends another, `flow` may say what changes instead of giving the whole list. Steps
are found by their names at any depth. First `remove` is done, then `replace` (only the settings that it names change),
then `insert`. A step's name may also stand without `replace`: `flow: {valuation: {work: 1 h}}`, or as a path in a
variant: `flow.valuation.work: 1 h`.""",
        """\
variants:
  three reviews, quicker bank:
    flow:
      insert: {after: second review, steps: [third review: {stage: guarantee review, by: guarantor officer, work: 1 h}]}
      replace: {credit approval: {work: 1 h}}
""",
        parts=(
            ("products.PRODUCT.flow", "FlowEdit"),
            ("products.PRODUCT.flow.insert", "Insertion"),
        ),
    ),
)
