"use strict";
(() => {
  const tip = document.getElementById("tip");

  // Charts: what the pointer or the arrow keys come to is told beside it.
  let chosen = null;
  const hide = () => { tip.hidden = true; if (chosen) chosen.classList.remove("chosen"); chosen = null; };
  const show = (mark, x, y) => {
    if (chosen !== mark) {
      if (chosen) chosen.classList.remove("chosen");
      chosen = mark;
      mark.classList.add("chosen");
      tip.textContent = mark.dataset.tip;
    }
    tip.hidden = false;
    const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
    tip.style.left = Math.max(8, Math.min(x + 12, room)) + window.scrollX + "px";
    const above = y - tip.offsetHeight - 12;
    tip.style.top = (above > 8 ? above : y + 18) + window.scrollY + "px";
  };
  for (const chart of document.querySelectorAll("svg.chart")) {
    const marks = [...chart.querySelectorAll(".mark")].filter(mark => mark.dataset.tip);
    const centre = mark => { const box = mark.getBoundingClientRect(); show(mark, box.left + box.width / 2, box.top); };
    chart.addEventListener("pointermove", event => {
      const mark = event.target.closest(".mark");
      if (mark && mark.dataset.tip) show(mark, event.clientX, event.clientY); else hide();
    });
    chart.addEventListener("pointerleave", hide);
    chart.addEventListener("focus", () => { if (marks.length && chart.matches(":focus-visible")) centre(marks[0]); });
    chart.addEventListener("blur", hide);
    chart.addEventListener("keydown", event => {
      const place = marks.indexOf(chosen);
      const next = { ArrowRight: place + 1, ArrowDown: place + 1, ArrowLeft: place - 1, ArrowUp: place - 1,
                     Home: 0, End: marks.length - 1 }[event.key];
      if (event.key === "Escape") hide();
      if (next === undefined || !marks.length) return;
      event.preventDefault();
      centre(marks[Math.max(0, Math.min(next, marks.length - 1))]);
    });
  }

  // Tables: sorted by a heading, up, down, and as they were.
  const compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
  for (const table of document.querySelectorAll("table")) {
    const body = table.tBodies[0], original = [...body.rows], heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
      const next = { none: "ascending", ascending: "descending", descending: "none" }[head.getAttribute("aria-sort")];
      heads.forEach(each => each.setAttribute("aria-sort", each === head ? next : "none"));
      const numeric = head.classList.contains("n"), sign = next === "descending" ? -1 : 1;
      const key = row => row.cells[column].dataset.sort;
      const rows = next === "none" ? original : [...original].sort((a, b) => {
        if (!key(a) || !key(b)) return (key(a) ? 0 : 1) - (key(b) ? 0 : 1);
        return sign * (numeric ? key(a) - key(b) : compare(key(a), key(b)));
      });
      body.append(...rows);
    }));
  }

  // Tables wider than their place say so.
  const widths = new ResizeObserver(seen => seen.forEach(({ target }) => {
    const place = target.closest(".scroll");
    place.parentElement.classList.toggle("wide", place.scrollWidth > place.clientWidth + 1);
  }));
  for (const place of document.querySelectorAll(".scroll")) { widths.observe(place); widths.observe(place.firstElementChild); }

  // Copying: cells as a spreadsheet takes them, separated by tabs.
  const oldWay = text => {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "off-page";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  };
  const copied = async text => {
    try { await navigator.clipboard.writeText(text); return true; } catch { return oldWay(text); }
  };
  for (const button of document.querySelectorAll("button.copy")) {
    const words = button.textContent;
    button.addEventListener("click", async () => {
      const rows = button.parentElement.querySelectorAll("tr");
      const text = [...rows].map(row => [...row.cells].map(cell => cell.dataset.copy).join("\t")).join("\n");
      const told = await copied(text) ? document.body.dataset.copied : document.body.dataset.notCopied;
      button.textContent = told;
      button.setAttribute("aria-live", "polite");
      setTimeout(() => { button.textContent = words; }, 1800);
    });
  }
  window.addEventListener("beforeprint", hide);
})();
