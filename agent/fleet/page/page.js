"use strict";
/* The page of a fleet. The data is columns (agent/fleet/page_data.h); every text goes through textContent. */
const D = JSON.parse(document.getElementById("data").textContent);
const S = D.strings, F = D.fleet, H = D.hosts, C = D.checks, ROWS = H.name.length;
const $ = id => document.getElementById(id);
const text = i => (i < 0 ? "" : S[i]);

function el(tag, className, content) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (content !== undefined) node.textContent = content;
  return node;
}
const hosts = n => `${n} host${n === 1 ? "" : "s"}`;

/* ---- vocabulary ---- */
const STATES = {
  f: ["\u2715", "F", "fails"], r: ["\u2198", "R", "regresses at the next boot"], u: ["?", "U", "unknown"],
  b: ["\u21bb", "B", "pending a reboot"], i: ["i", "I", "differs, info only"], p: ["\u2713", "P", "passes"],
  s: ["\u2013", "S", "skipped"], n: ["\u00b7", "N", "not applicable"], x: [" ", " ", "not there"],
};
const FINDING = ["pass", "fail", "regressing", "pending-reboot", "unknown", "not-applicable", "skipped"];
const LETTER = ["p", "f", "r", "b", "u", "n", "s"];
const SEVERITY = ["blocker", "major", "minor", "info"];
const ROW = ["ok", "refused", "unreachable", "auth", "hostkey", "dns", "timeout", "no-agent", "bad-output", "duplicate"];
const REBOOT = ["none", "any", "full", "cold"];
const HOW = ["", "Quick Boot will do", "through firmware: Quick Boot off", "power cycle"];
const VERDICT = { 0: "compliant", 1: "error", 2: "non-compliant", 3: "unknown", 4: "reboot pending" };

/* ---- what is said of hosts, once ---- */
const N = C.length;
const ORDER = C.map((_, c) => c).sort((a, b) => (C[a][0] < C[b][0] ? -1 : 1)); // they come as hosts brought them
const cell = (h, c) => D.cells[h * N + c] || "x";
const failing = [], lost = [];
const newly = new Set(D.drift ? D.drift.newly_failing.map(item => item.host) : []);
for (let h = 0; h < ROWS; h++) {
  let n = 0;
  for (let c = 0; c < N; c++) { const s = cell(h, c); if (s === "f" || s === "r") n++; }
  failing.push(n);
  if (H.state[h] !== 0) lost.push(h);
}
const groupsOf = h => (H.group[h] < 0 ? [] : S[H.group[h]].split("\n"));
const SHOW = {
  all: ["All hosts", () => true],
  failing: ["Failing", h => H.exit[h] === 2],
  lost: ["Not scanned", h => H.state[h] !== 0],
  unknown: ["Unknown", h => H.state[h] === 0 && H.exit[h] === 3],
  reboot: ["Reboot needed", h => H.state[h] === 0 && H.reboot[h] > 0 && H.reboot[h] < 4],
  compliant: ["Compliant", h => H.exit[h] === 0],
};
if (D.drift) SHOW.changed = ["New since baseline", h => newly.has(H.name[h])];
const SORT = {
  name: ["Name", (a, b) => order[a] - order[b]],
  failures: ["Most failures", (a, b) => failing[b] - failing[a] || order[a] - order[b]],
  verdict: ["Verdict", (a, b) => rank(a) - rank(b) || order[a] - order[b]],
  group: ["Group", (a, b) => compare(text(H.group[a]), text(H.group[b])) || order[a] - order[b]],
  build: ["Build", (a, b) => compare(text(H.esx[a]), text(H.esx[b])) || order[a] - order[b]],
  model: ["Model", (a, b) => compare(text(H.model[a]), text(H.model[b])) || order[a] - order[b]],
};
const rank = h => [4, 0, 1, 2, 3][H.exit[h]];
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const order = H.name.map((_, i) => i); // rows come in the order of their names
const haystack = H.name.map((name, h) => `${name}\n${text(H.group[h])}\n${text(H.model[h])}\n${text(H.esx[h])}\n${text(H.uuid[h])}`.toLowerCase());

/* ---- the view, which is the hash ---- */
const FIRST = { q: "", show: "all", group: "", check: "", severity: "", sort: "name", host: "", at: "" };
let view = { ...FIRST };
function readHash() {
  const found = { ...FIRST };
  let params;
  try { params = new URLSearchParams(location.hash.slice(1)); } catch { params = new URLSearchParams(); }
  for (const key of Object.keys(FIRST)) if (params.has(key)) found[key] = params.get(key).slice(0, 300);
  if (!Object.hasOwn(SHOW, found.show)) found.show = "all";
  if (!Object.hasOwn(SORT, found.sort)) found.sort = "name";
  if (found.check && !C.some(c => c[0] === found.check)) found.check = "";
  if (found.severity && !SEVERITY.includes(found.severity)) found.severity = "";
  return found;
}
function writeHash() {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(view)) if (value !== FIRST[key]) params.set(key, value);
  const hash = params.toString();
  history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
}
function change(part) {
  view = { ...view, ...part };
  writeHash();
  show();
}

let shown = [], columns = [];
function filter() {
  const q = view.q.trim().toLowerCase(), [, want] = SHOW[view.show];
  const column = C.findIndex(c => c[0] === view.check);
  columns = [];
  for (const c of ORDER)
    if ((column < 0 || c === column) && (!view.severity || SEVERITY[C[c][2]] === view.severity)) columns.push(c);
  const narrow = view.check || view.severity;
  shown = [];
  for (let h = 0; h < ROWS; h++) {
    if (!want(h) || (q && !haystack[h].includes(q)) || (view.group && !groupsOf(h).includes(view.group))) continue;
    if (narrow && H.state[h] === 0 && !columns.some(c => "frub".includes(cell(h, c)))) continue;
    if (narrow && H.state[h] !== 0 && view.show !== "lost") continue;
    shown.push(h);
  }
  shown.sort(SORT[view.sort][1]);
}

/* ---- the grid: only what is seen is there ---- */
const ROW_PX = 28, HEAD_PX = 128, CELL_PX = 36, GAP_PX = 38;
const grid = $("grid"), head = $("head"), body = $("rows");
let nameWidth = 260, active = { r: 0, c: -1 }, focusing = false;
const idOf = (r, c) => `c${r}_${c}`;
function layout() {
  nameWidth = grid.clientWidth < 480 ? 150 : Math.min(360, Math.max(220, Math.round(grid.clientWidth * 0.24)));
  grid.style.setProperty("--name", `${nameWidth}px`);
  const width = Math.max(nameWidth + columns.length * GAP_PX + 8, grid.clientWidth - 2);
  body.style.width = head.style.width = `${width}px`;
  body.style.height = `${shown.length * ROW_PX + 4}px`;
  grid.setAttribute("aria-rowcount", shown.length + 1);
  grid.setAttribute("aria-colcount", columns.length + 1);
  return width;
}
function put(node, r, c, role) {
  node.id = idOf(r, c);
  node.setAttribute("role", role);
  node.setAttribute("aria-colindex", c + 2);
  node.tabIndex = r === active.r && c === active.c ? 0 : -1;
  node.dataset.r = r;
  node.dataset.c = c;
  return node;
}
function rowOf(r, from, to, width) {
  const h = shown[r], line = el("div", "row");
  line.setAttribute("role", "row");
  line.setAttribute("aria-rowindex", r + 2);
  line.style.top = `${r * ROW_PX}px`;
  line.style.width = `${width}px`;
  const name = put(el("div", "name", H.name[h]), r, -1, "rowheader");
  name.title = H.name[h];
  line.append(name);
  if (H.state[h] !== 0) {
    const why = put(el("div", "lostrow", `? ${ROW[H.state[h]]}: ${text(H.reason[h])}`), r, 0, "gridcell");
    why.style.left = `${nameWidth + 8}px`;
    why.style.width = `${Math.max(60, width - nameWidth - 16)}px`;
    why.setAttribute("aria-colspan", Math.max(columns.length, 1));
    line.append(why);
    return line;
  }
  for (let k = from; k < to; k++) {
    const s = cell(h, columns[k]), [sign, letter, words] = STATES[s];
    const node = put(el("div", `cell ${s}`, `${sign} ${letter}`), r, k, "gridcell");
    node.style.left = `${nameWidth + 4 + k * GAP_PX}px`;
    node.setAttribute("aria-label", `${sign} ${letter}, ${C[columns[k]][0]} ${words}`);
    line.append(node);
  }
  return line;
}
function headRow(from, to, width) {
  const line = el("div", "row top");
  line.setAttribute("role", "row");
  line.setAttribute("aria-rowindex", 1);
  line.style.width = `${width}px`;
  const corner = el("div", "name", hosts(shown.length));
  corner.setAttribute("role", "columnheader");
  corner.setAttribute("aria-colindex", 1);
  line.append(corner);
  for (let k = from; k < to; k++) {
    const node = el("div", "check", C[columns[k]][0]);
    node.setAttribute("role", "columnheader");
    node.setAttribute("aria-colindex", k + 2);
    node.style.left = `${nameWidth + 4 + k * GAP_PX}px`;
    node.title = `${C[columns[k]][0]}: ${C[columns[k]][1]}`;
    node.dataset.check = C[columns[k]][0];
    line.append(node);
  }
  return line;
}
let width = 0;
function draw() {
  const top = grid.scrollTop, left = grid.scrollLeft;
  const first = Math.max(0, Math.floor(top / ROW_PX) - 4), last = Math.min(shown.length, Math.ceil((top + grid.clientHeight) / ROW_PX) + 4);
  const from = Math.max(0, Math.floor(left / GAP_PX) - 2), to = Math.min(columns.length, Math.ceil((left + grid.clientWidth - nameWidth) / GAP_PX) + 2);
  head.replaceChildren(headRow(from, to, width));
  const lines = [];
  for (let r = first; r < last; r++) lines.push(rowOf(r, from, to, width));
  body.replaceChildren(...lines);
  const now = $(idOf(active.r, active.c));
  grid.tabIndex = now ? -1 : 0;
  if (focusing && now) now.focus({ preventScroll: true });
}
let drawing = 0;
grid.addEventListener("scroll", () => { if (!drawing) drawing = requestAnimationFrame(() => { drawing = 0; focusing = body.contains(document.activeElement) || (focusing && document.activeElement === document.body); draw(); }); }, { passive: true });
function columnsOf(r) { return shown.length && H.state[shown[r]] !== 0 ? Math.min(1, columns.length) : columns.length; }
function goTo(r, c) {
  if (!shown.length) return;
  active.r = Math.max(0, Math.min(shown.length - 1, r));
  active.c = Math.max(-1, Math.min(columnsOf(active.r) - 1, c));
  const y = active.r * ROW_PX, seen = grid.clientHeight - HEAD_PX;
  if (y < grid.scrollTop) grid.scrollTop = y;
  else if (y + ROW_PX > grid.scrollTop + seen) grid.scrollTop = y + ROW_PX - seen;
  if (active.c >= 0 && H.state[shown[active.r]] === 0) {
    const x = active.c * GAP_PX, room = grid.clientWidth - nameWidth - 8;
    if (x < grid.scrollLeft) grid.scrollLeft = x;
    else if (x + GAP_PX > grid.scrollLeft + room) grid.scrollLeft = x + GAP_PX - room;
  } else grid.scrollLeft = 0;
  focusing = true;
  draw();
}
grid.addEventListener("keydown", event => {
  const page = Math.max(1, Math.floor((grid.clientHeight - HEAD_PX) / ROW_PX) - 1), whole = event.ctrlKey || event.metaKey;
  const moves = {
    ArrowDown: [active.r + 1, active.c], ArrowUp: [active.r - 1, active.c], ArrowRight: [active.r, active.c + 1],
    ArrowLeft: [active.r, active.c - 1], PageDown: [active.r + page, active.c], PageUp: [active.r - page, active.c],
    Home: whole ? [0, -1] : [active.r, -1], End: whole ? [shown.length - 1, columns.length - 1] : [active.r, columns.length - 1],
  };
  if (moves[event.key]) {
    event.preventDefault();
    goTo(...moves[event.key]);
  } else if ((event.key === "Enter" || event.key === " ") && shown.length) {
    event.preventDefault();
    openPanel(shown[active.r], active.c < 0 || H.state[shown[active.r]] !== 0 ? -1 : columns[active.c]);
  }
});
grid.addEventListener("focus", () => { if (shown.length) goTo(active.r, active.c); });
grid.addEventListener("click", event => {
  const node = event.target.closest("[data-r]"), top = event.target.closest("[data-check]");
  if (top) return change({ check: view.check === top.dataset.check ? "" : top.dataset.check });
  if (!node) return undefined;
  active = { r: +node.dataset.r, c: +node.dataset.c };
  goTo(active.r, active.c);
  const h = shown[active.r];
  return openPanel(h, active.c < 0 || H.state[h] !== 0 ? -1 : columns[active.c]);
});

/* ---- one host, or one check of it ---- */
function pair(list, name, value, mono) {
  if (value === undefined || value === null || value === "") return;
  list.append(el("dt", "", name), el("dd", mono ? "mono" : "", value));
}
function button(label, act) {
  const made = el("button", "act", label);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}
const copyButton = (label, what) => button(label, () => copy(typeof what === "function" ? what() : what));
function findingCard(f) {
  const [check, subject, state, severity, now, next, want, about, remedy, command, reboot, , evidence] = f;
  const card = el("div", "finding"), line = el("p"), list = el("dl");
  const letter = severity === 3 && "fru".includes(LETTER[state]) ? "i" : LETTER[state];
  line.append(el("span", `tag ${letter}`, `${STATES[letter][0]} ${FINDING[state]}`), " ", el("b", "", C[check][0]), " ", el("span", "mono", text(subject)), " ", el("span", `tag ${SEVERITY[severity]}`, SEVERITY[severity]));
  card.append(line, el("p", "", text(about)));
  pair(list, "Now", text(now), true);
  pair(list, "Next boot", text(next), true);
  pair(list, "Wanted", text(want), true);
  if (REBOOT[reboot] !== "none") pair(list, "Reboot", `${REBOOT[reboot]}: ${HOW[reboot]}`);
  if (list.childNodes.length) card.append(list);
  if (remedy >= 0) card.append(el("p", "", text(remedy)));
  if (command >= 0) card.append(el("pre", "", text(command)), copyButton("Copy command", text(command)));
  for (let k = 0; k + 2 < evidence.length; k += 3) {
    card.append(el("p", "quiet mono", text(evidence[k])));
    if (evidence[k + 1] < 0) card.append(el("p", "quiet", "There is no room here for more evidence; the report has it."));
    else card.append(el("pre", "", text(evidence[k + 1]) + (evidence[k + 2] ? "\n[cut here]" : "")));
  }
  return card;
}
function hostCard(h) {
  const list = el("dl");
  pair(list, "State", ROW[H.state[h]]);
  if (H.state[h] === 0) pair(list, "Verdict", VERDICT[H.exit[h]]);
  pair(list, "Group", groupsOf(h).join(", "));
  pair(list, "Model", text(H.model[h]));
  pair(list, "ESX", text(H.esx[h]));
  pair(list, "UUID", text(H.uuid[h]), true);
  pair(list, "Policy", text(H.policy[h]));
  pair(list, "Report of", text(H.finished[h]));
  if (H.reboot[h] > 0) pair(list, "Reboot", H.reboot[h] === 4 ? "cannot be told" : `${REBOOT[H.reboot[h]]}: ${HOW[H.reboot[h]]}`);
  if (H.rc[h] >= 0) pair(list, "Exit code", String(H.rc[h]));
  if (H.attempts[h] > 1) pair(list, "Attempts", String(H.attempts[h]));
  const card = el("div", "finding");
  card.append(list);
  if (H.reason[h] >= 0) card.append(el("p", "", text(H.reason[h])));
  if (H.state[h] !== 0) card.append(el("p", "", D.hints[H.state[h]]));
  if (H.stderr[h] >= 0) card.append(el("h3", "", "What came on stderr"), el("pre", "", text(H.stderr[h])));
  return card;
}
function driftCards(h, c) {
  if (!D.drift) return [];
  const out = [], name = H.name[h], label = { newly_failing: "New since the baseline", fixed: "Fixed since the baseline", newly_unknown: "Unknown since the baseline", still_failing: "Was failing before, too" };
  for (const [key, words] of Object.entries(label))
    for (const item of D.drift[key])
      if (item.host === name && (c < 0 || item.check === C[c][0])) out.push(el("p", "quiet", `${words}: ${item.check} ${item.subject}, ${item.was ?? "-"} before, ${item.now ?? "-"} now`));
  return out;
}
let back = null;
function openPanel(h, c) {
  const panel = $("panel"), inside = panel.querySelector(".body"), parts = [];
  back = document.activeElement;
  $("panel-head").textContent = c < 0 ? H.name[h] : `${C[c][0]} on ${H.name[h]}`;
  if (c < 0) parts.push(hostCard(h));
  else parts.push(el("p", "quiet", C[c][1]));
  const found = (H.findings[h] || []).map(i => D.findings[i]).filter(f => c < 0 ? f[2] !== 5 && f[2] !== 6 : f[0] === c);
  parts.push(...found.map(findingCard));
  if (!found.length && H.state[h] === 0) parts.push(el("p", "", c < 0 ? "Nothing is wrong here." : `${C[c][0]} ${STATES[cell(h, c)][2]}.`));
  for (const i of H.changes[h] || []) {
    const [check, subject, from, to, result, about, command] = D.changes[i];
    if (c >= 0 && text(check) !== C[c][0]) continue;
    const card = el("div", "finding");
    card.append(el("p", "", `${text(result)}: ${text(check)} ${text(subject)}, from ${text(from)} to ${text(to)}`));
    if (about >= 0) card.append(el("p", "", text(about)));
    if (command >= 0) card.append(el("pre", "", text(command)));
    parts.push(card);
  }
  parts.push(...driftCards(h, c));
  inside.replaceChildren(...parts);
  inside.scrollTop = 0;
  panel.hidden = false;
  $("close").focus();
  view = { ...view, host: H.name[h], at: c < 0 ? "" : C[c][0] };
  writeHash();
}
function closePanel() {
  if ($("panel").hidden) return;
  $("panel").hidden = true;
  view = { ...view, host: "", at: "" };
  writeHash();
  const cellNow = $(idOf(active.r, active.c));
  if (back && back.isConnected && back !== document.body) back.focus();
  else if (cellNow) cellNow.focus();
  else grid.focus();
}
$("close").addEventListener("click", closePanel);
document.addEventListener("keydown", event => { if (event.key === "Escape") closePanel(); });

/* ---- copying and CSV ---- */
let saying = 0;
function say(words) {
  $("said").textContent = words;
  clearTimeout(saying);
  saying = setTimeout(() => { $("said").textContent = ""; }, 2500);
}
async function copy(words, done = "Copied") {
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    const area = el("textarea");
    area.value = words;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    if (!copied) return say("This browser does not let the page copy");
  }
  return say(done);
}
function csvCell(value) {
  let words = String(value ?? "").replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "?");
  if (/^ *[=+\-@\t\r\n|]/.test(words)) words = `'${words}`;
  return /[",\r\n']/.test(words) ? `"${words.replaceAll('"', '""')}"` : words;
}
function csvText() {
  const lines = [["host", "group", "host_state", "reason", "verdict", "esx", "model", "reboot", "check", "subject", "state", "severity", "now", "next", "want", "text"]];
  const chosen = new Set(columns);
  for (const h of shown) {
    const start = [H.name[h], groupsOf(h).join(" "), ROW[H.state[h]], text(H.reason[h]), H.state[h] === 0 ? VERDICT[H.exit[h]] : "", text(H.esx[h]), text(H.model[h]), H.state[h] === 0 ? REBOOT[H.reboot[h]] ?? "unknown" : ""];
    const found = (H.findings[h] || []).map(i => D.findings[i]).filter(f => chosen.has(f[0]) && f[2] !== 5 && f[2] !== 6);
    if (!found.length) lines.push(start);
    for (const f of found) lines.push([...start, C[f[0]][0], text(f[1]), FINDING[f[2]], SEVERITY[f[3]], text(f[4]), text(f[5]), text(f[6]), text(f[7])]);
  }
  return lines.map(line => line.map(csvCell).join(",")).join("\r\n") + "\r\n";
}
$("csv").addEventListener("click", () => {
  const link = el("a");
  link.href = URL.createObjectURL(new Blob([csvText()], { type: "text/csv;charset=utf-8" }));
  link.download = `hostprep-${F.scan_id.slice(0, 8)}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
});
$("names").addEventListener("click", () => copy(shown.map(h => H.name[h]).join("\n")));

/* ---- the parts around the grid ---- */
function section(id, nodes) {
  const node = $(id);
  node.hidden = !nodes.length;
  node.querySelector(".body").replaceChildren(...nodes);
}
function nameButton(name) {
  const button = el("button", "", name), h = byName.get(name);
  button.type = "button";
  if (h === undefined) return el("span", "", `${name} `);
  button.addEventListener("click", () => openPanel(h, -1));
  return button;
}
const byName = new Map(H.name.map((name, h) => [name, h]));
const FEW = 6;
const more = (words, open) => button(words, event => open(event.currentTarget));
function nameList(names) {
  const list = el("p", "list");
  list.append(...names.slice(0, FEW).map(nameButton));
  if (names.length > FEW)
    list.append(more(`${names.length - FEW} more`, pressed => {
      pressed.remove();
      list.append(...names.slice(FEW, 500).map(nameButton));
      if (names.length > 500) list.append(el("span", "quiet", ` and ${names.length - 500} more; Copy hosts takes all`));
    }));
  return list;
}
function table(heads, lines) {
  const box = el("div", "wide"), node = el("table"), top = el("thead"), line = el("tr"), all = el("tbody");
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", heads.join(", "));
  line.append(...heads.map(words => { const cellNode = el("th", "", words); cellNode.scope = "col"; return cellNode; }));
  top.append(line);
  all.append(...lines.map(parts => { const row = el("tr"); row.append(...parts.map(part => { const cellNode = el("td", typeof part === "number" ? "num" : ""); cellNode.append(...(Array.isArray(part) ? part : [part instanceof Node ? part : String(part)])); return cellNode; })); return row; }));
  node.append(top, all);
  box.append(node);
  return box;
}
/* The first lines, and a button for the rest. */
function longTable(heads, lines, most) {
  const box = el("div");
  box.append(table(heads, lines.slice(0, most)));
  if (lines.length > most)
    box.append(more(`Show all ${lines.length}`, () => {
      box.replaceChildren(table(heads, lines));
      box.firstChild.focus();
    }));
  return box;
}
/* Of the hosts on which the check fails those where fix can mend it. */
const mendable = (c, bad) => bad.filter(h => H.findings[h].some(i => { const f = D.findings[i]; return f[0] === c && (f[2] === 1 || f[2] === 2) && f[11] === 1; }));
function fixCommand(c, bad) {
  const names = mendable(c, bad).map(h => H.name[h]);
  const command = `hostprep-fleet fix ${typed(names)} --only ${C[c][0]}${C[c][0].startsWith("bios-") ? " --bios" : ""}${ownPolicy() ? " --policy POLICY" : ""}`;
  copy(command, names.length < bad.length ? `Copied, for ${names.length} of ${hosts(bad.length)}: the others need work by hand` : "Copied");
}
const typed = names => (names.length > 200 ? "--hosts FILE" : `--nodes ${names.join(",")}`);
function work() {
  const lines = [];
  for (let c = 0; c < N; c++) {
    const bad = [], dark = [];
    for (let h = 0; h < ROWS; h++) { const s = cell(h, c); if (s === "f" || s === "r") bad.push(h); else if (s === "u") dark.push(h); }
    if (bad.length || dark.length) lines.push([c, bad, dark]);
  }
  lines.sort((a, b) => (b[1].length > 0) - (a[1].length > 0) || C[a[0]][2] - C[b[0]][2] || b[1].length - a[1].length || b[2].length - a[2].length);
  if (!lines.length) return section("work", [el("p", "", ROWS === 0 ? "There are no hosts." : lost.length === ROWS ? "No host was scanned." : "Nothing fails on the hosts that were scanned.")]);
  const made = lines.map(([c, bad, dark]) => {
    const name = el("button", "act", C[c][0]), about = el("span", "quiet", ` ${C[c][1]}`), acts = [copyButton("Copy hosts", () => (bad.length ? bad : dark).map(h => H.name[h]).join("\n"))];
    name.type = "button";
    name.addEventListener("click", () => { change({ check: C[c][0], show: "all" }); $("hosts").scrollIntoView(); });
    if (bad.length && C[c][3]) acts.push(button("Copy command", () => fixCommand(c, bad)));
    else if (bad.length && C[c][4] >= 0) acts.push(copyButton("Copy command", text(C[c][4])));
    return [[name, about], el("span", `tag ${SEVERITY[C[c][2]]}`, SEVERITY[C[c][2]]), bad.length, dark.length, acts];
  });
  return section("work", [longTable(["Check", "Severity", "Fails on", "Unknown on", "Then"], made, 12)]);
}
const few = words => (words.length > 8 ? `${words.slice(0, 8).join(", ")} and ${words.length - 8} more` : words.join(", "));
const ownPolicy = () => H.state.some((s, h) => s === 0 && !text(H.policy[h]).startsWith("built-in ("));
const loses = h => C.some((_, c) => cell(h, c) === "r");
function rebootPlan() {
  const plan = new Map();
  for (let h = 0; h < ROWS; h++) {
    if (H.state[h] !== 0 || !(H.reboot[h] > 0 && H.reboot[h] < 4)) continue;
    for (const group of groupsOf(h).length ? groupsOf(h) : [""]) {
      const key = `${group}\n${4 - (loses(h) ? 0 : H.reboot[h])}`;
      if (!plan.has(key)) plan.set(key, []);
      plan.get(key).push(h);
    }
  }
  const lines = [...plan.keys()].sort().map(key => {
    const [group, kind] = key.split("\n"), list = plan.get(key), names = list.map(h => H.name[h]), causes = new Set();
    for (const h of list) for (const i of H.causes[h] || []) causes.add(text(i));
    return [group || "-", kind === "4" ? "not yet: the next boot loses what is right now; fix first" : `${REBOOT[4 - kind]}: ${HOW[4 - kind]}`, list.length, few([...causes].sort()), [nameList(names), copyButton("Copy hosts", names.join("\n"))]];
  });
  section("reboot", lines.length ? [longTable(["Group", "Kind", "Hosts", "For", "Which"], lines, 20)] : []);
}
function notScanned() {
  const nodes = [];
  for (let s = 1; s < ROW.length; s++) {
    const list = lost.filter(h => H.state[h] === s).map(h => H.name[h]);
    if (!list.length) continue;
    nodes.push(el("h3", "", `${ROW[s]}: ${hosts(list.length)}`), el("p", "quiet", D.hints[s]), nameList(list), copyButton("Copy hosts", list.join("\n")));
  }
  section("lost", nodes);
}
function changesMade() {
  const counts = new Map();
  for (let h = 0; h < ROWS; h++) for (const i of H.changes[h] || []) {
    const [check, , , , result] = D.changes[i], key = `${text(check)}\n${text(result)}`;
    if (!counts.has(key)) counts.set(key, [0, new Set()]);
    counts.get(key)[0]++;
    counts.get(key)[1].add(H.name[h]);
  }
  const lines = [...counts.keys()].sort().map(key => [...key.split("\n"), counts.get(key)[0], nameList([...counts.get(key)[1]])]);
  section("changes", lines.length ? [table(["Check", "Result", "Changes", "Hosts"], lines)] : []);
}
function items(list) {
  const groups = new Map();
  for (const item of list) {
    if (!groups.has(item.check)) groups.set(item.check, new Set());
    groups.get(item.check).add(item.host);
  }
  return [...groups].map(([check, names]) => [check, names.size, [nameList([...names]), copyButton("Copy hosts", [...names].join("\n"))]]);
}
function drift() {
  if (!D.drift) return section("drift", []);
  const d = D.drift, nodes = [el("p", "quiet", `Compared with ${d.baseline.scan_id} of ${d.baseline.finished ?? "an unknown time"}.`)];
  for (const [key, words] of [["newly_failing", "Newly failing"], ["newly_unknown", "Newly unknown"], ["fixed", "Fixed"], ["still_failing", "Still failing"], ["other", "Changed otherwise"]])
    if (d[key].length) nodes.push(el("h3", "", words), longTable(["Check", "Hosts", "Which"], items(d[key]), 12));
  for (const [key, words] of [["added", "Hosts added"], ["gone", "Hosts gone"], ["not_scanned", "Not scanned this time"], ["back", "Scanned again"]])
    if (d.hosts[key].length) nodes.push(el("h3", "", `${words}: ${d.hosts[key].length}`), nameList(d.hosts[key]));
  if (d.hosts.renamed.length) nodes.push(el("h3", "", "Renamed"), ...d.hosts.renamed.map(r => el("p", "", `${r.from} is ${r.to} now`)));
  if (d.policy.changes.length || d.policy.findings.length) {
    nodes.push(el("h3", "", "Because the policy changed, or the set of checks"));
    nodes.push(...d.policy.changes.map(c => el("p", "", `From ${(c.from ?? "none").slice(0, 12)} to ${(c.to ?? "none").slice(0, 12)} on ${hosts(c.hosts.length)}`)));
    if (d.policy.findings.length) nodes.push(longTable(["Check", "Hosts", "Which"], items(d.policy.findings), 12));
  }
  return section("drift", nodes);
}
function oddOnes() {
  const found = [];
  for (const o of D.odd) for (const v of o.odd) found.push([o, v]);
  const box = el("details");
  box.append(el("summary", "", `${found.length} value${found.length === 1 ? "" : "s"} in which a few hosts differ from the rest of their group`));
  const line = ([o, v]) => [o.group ?? "all", o.check, v.value, nameList(v.hosts), o.usual, o.usual_hosts];
  box.addEventListener("toggle", () => {
    if (!box.open || box.childNodes.length > 1) return;
    box.append(longTable(["Group", "Check", "They have", "Hosts", "The rest has", "Rest"], found.slice(0, 1000).map(line), 50));
  });
  section("odd", found.length ? [box] : []);
}
function also() {
  section("also", D.errors.slice(0, 100).map(e => el("p", "", `${e.where}: ${e.text}`)));
}
function facts() {
  const list = $("facts"), policies = new Set(), tools = new Set(), c = F.counts;
  for (let h = 0; h < ROWS; h++) if (H.state[h] === 0) { policies.add(text(H.policy[h])); tools.add(text(H.tool[h])); }
  const add = (name, value) => { const box = el("div"); box.append(el("dt", "", name), el("dd", "", value)); list.append(box); };
  $("kind").textContent = F.command === "fix" ? "fleet fix" : "fleet report";
  document.title = `${VERDICT[F.exit_code]}: hostprep fleet report`;
  $("verdict").textContent = { 0: "\u2713 ", 2: "\u2715 ", 3: "? ", 4: "\u21bb " }[F.exit_code] + VERDICT[F.exit_code];
  $("verdict").classList.add(`e${F.exit_code}`);
  const reasons = ROW.slice(1).filter(s => c[s]).map(s => `${c[s]} ${s}`).join(", ");
  add("Expected", String(F.expected));
  add("Reported", String(c.ok));
  add("Not scanned", ROWS - c.ok ? `${ROWS - c.ok} (${reasons})` : "0");
  add("Scan", F.scan_id);
  add("Time", F.started && F.finished && F.started !== F.finished ? `${F.started} to ${F.finished}` : F.finished ?? "not known");
  add("Collected by", `${F.engine.name} ${F.engine.version ?? ""}${F.engine.transport ? ` over ${F.engine.transport}` : ""}`);
  add("hostprep", [...tools].sort().join(", ") || "-");
  add(policies.size > 1 ? `Policies (${policies.size})` : "Policy", [...policies].sort().slice(0, 4).join(", ") || "-");
  $("foot").textContent = `Made by hostprep-report ${D.version}. This page asks no server for anything.`;
}
const TILES = [["failing", "failing", "bad"], ["lost", "not scanned", "lost"], ["unknown", "unknown", "lost"], ["reboot", "to be rebooted", "boot"], ["changed", "newly failing", "new"], ["compliant", "compliant", "good"]];
function tiles() {
  for (const [key, words, style] of TILES) {
    if (!SHOW[key]) continue;
    let n = 0;
    for (let h = 0; h < ROWS; h++) if (SHOW[key][1](h)) n++;
    const button = el("button", style);
    button.type = "button";
    button.dataset.show = key;
    button.append(el("b", "", String(n)), words);
    button.addEventListener("click", () => { change({ show: view.show === key ? "all" : key }); });
    $("tiles").append(button);
  }
}
function options(id, list) {
  $(id).replaceChildren(...list.map(([value, words]) => { const option = el("option", "", words); option.value = value; return option; }));
  $(id).addEventListener("change", () => change({ [id]: $(id).value }));
}
function show() {
  filter();
  for (const id of ["q", "show", "group", "check", "severity", "sort"]) if ($(id).value !== view[id]) $(id).value = view[id];
  for (const button of $("tiles").children) button.setAttribute("aria-pressed", button.dataset.show === view.show);
  $("count").textContent = `${shown.length} of ${hosts(ROWS)}`;
  active = { r: Math.min(active.r, Math.max(0, shown.length - 1)), c: Math.min(active.c, columns.length - 1) };
  focusing = false;
  width = layout();
  draw();
}
function fromHash() {
  view = readHash();
  show();
  const h = byName.get(view.host);
  if (h !== undefined) openPanel(h, C.findIndex(c => c[0] === view.at));
  else $("panel").hidden = true;
}
let typing = 0;
$("q").addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(() => change({ q: $("q").value }), ROWS > 2000 ? 80 : 0); });
$("filters").addEventListener("submit", event => event.preventDefault());
$("clear").addEventListener("click", () => { view = { ...FIRST }; change({}); });
addEventListener("hashchange", fromHash);
addEventListener("resize", () => { width = layout(); draw(); });
addEventListener("beforeprint", () => {
  const lines = [];
  for (const h of shown) {
    if (H.exit[h] === 0 || lines.length >= 500) continue;
    const bad = [];
    for (let c = 0; c < N; c++) if ("frub".includes(cell(h, c))) bad.push(`${C[c][0]} (${STATES[cell(h, c)][2]})`);
    lines.push([H.name[h], groupsOf(h).join(", "), H.state[h] === 0 ? VERDICT[H.exit[h]] : ROW[H.state[h]], bad.join(", ") || text(H.reason[h])]);
  }
  $("print").querySelector(".body").replaceChildren(table(["Host", "Group", "Verdict", "What"], lines));
});

function start() {
  $("page").hidden = false;
  const groups = new Set();
  for (let h = 0; h < ROWS; h++) for (const group of groupsOf(h)) groups.add(group);
  options("show", Object.entries(SHOW).map(([key, [words]]) => [key, words]));
  options("sort", Object.entries(SORT).map(([key, [words]]) => [key, words]));
  options("group", [["", "All"], ...[...groups].sort().map(group => [group, group])]);
  options("check", [["", "All"], ...ORDER.map(c => [C[c][0], C[c][0]])]);
  options("severity", [["", "All"], ...SEVERITY.map(word => [word, word])]);
  for (const [letter, [sign, short, words]] of Object.entries(STATES)) {
    if (letter === "x") continue;
    const item = el("span"), mark = el("i", letter, `${sign} ${short}`);
    item.append(mark, words);
    $("legend").append(item);
  }
  facts();
  tiles();
  work();
  rebootPlan();
  notScanned();
  changesMade();
  drift();
  oddOnes();
  also();
  fromHash();
  document.documentElement.dataset.ready = Math.round(performance.now());
}
start();
