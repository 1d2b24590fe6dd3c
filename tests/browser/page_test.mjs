// The page in Chromium: page_test.mjs MODULES HOSTPREP_REPORT MAKER
// MODULES is where `npm ci` has put playwright-core and axe-core. Times are measured and printed; only gross ones fail.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const [modules, program, maker] = process.argv.slice(2).map(path => resolve(path));
if (!existsSync(join(modules, "node_modules/axe-core"))) {
  console.log("playwright-core and axe-core are not there; nothing was tried");
  process.exit(77);
}
const require = createRequire(join(modules, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "hostprep-page-"));
const FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const READY_MS = 1500, FILTER_MS = 200, NODES = 6000, BYTES = 3e6, SLACK = 5;

// ---- pages ----
const files = new Map();
function report(...words) {
  const done = spawnSync(program, words, { encoding: "utf8", maxBuffer: 1 << 30 });
  assert.ok([0, 2, 3, 4].includes(done.status), `hostprep-report ${words[0]}: ${done.status} ${done.stderr}`);
  return done.stdout;
}
function page(name, document) {
  const json = join(folder, `${name}.json`), html = join(folder, `${name}.html`);
  if (document) writeFileSync(json, JSON.stringify(document));
  report("html", json, "-o", html);
  files.set(name, html);
  return html;
}
function made(name, count, checks) {
  execFileSync("/usr/bin/python3", [maker, "fleet", join(folder, `${name}.json`), String(count), "--checks", String(checks)]);
  return page(name);
}
const read = name => JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));

// ---- a browser tab that may ask for nothing and say nothing ----
let browser;
async function tab(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const t = await context.newPage(), noise = [];
  t.on("console", message => noise.push(`console ${message.type()}: ${message.text()}`));
  t.on("pageerror", error => noise.push(`error: ${error.message}`));
  t.on("request", request => { if (!request.isNavigationRequest() && !request.url().startsWith("blob:")) noise.push(`request: ${request.url()}`); });
  t.on("dialog", dialog => { noise.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  t.noise = noise;
  t.view = async (name, hash = "") => {
    await t.goto(`file://${files.get(name)}${hash}`);
    if (options.javaScriptEnabled !== false) await t.waitForSelector("html[data-ready]");
  };
  t.quietly = async () => { assert.deepEqual(noise, []); await context.close(); };
  return t;
}
const count = t => t.locator("#count").textContent();

// ---- tests ----
const tests = {
  async "a fleet of 5,000 hosts and 64 checks is small, ready soon, and has few nodes"() {
    const t = await tab();
    await t.view("large");
    const ready = Number(await t.evaluate(() => document.documentElement.dataset.ready));
    const nodes = await t.evaluate(() => document.querySelectorAll("*").length), bytes = statSync(files.get("large")).size;
    const filter = await t.evaluate(async () => {
      let worst = 0;
      for (const show of ["failing", "lost", "reboot", "all"]) {
        const began = performance.now(), select = document.getElementById("show");
        select.value = show;
        select.dispatchEvent(new Event("change"));
        await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        worst = Math.max(worst, performance.now() - began);
      }
      return worst;
    });
    console.log(`    ${bytes} bytes, ready ${ready} ms, worst filter ${filter.toFixed(0)} ms, ${nodes} nodes`);
    assert.ok(bytes <= BYTES);
    assert.ok(nodes <= NODES);
    assert.ok(ready <= SLACK * READY_MS);
    assert.ok(filter <= SLACK * FILTER_MS);
    await t.evaluate(() => { document.getElementById("grid").scrollTop = 1e6; });
    await t.waitForTimeout(100);
    const names = read("large").hosts.map(row => row.name);
    assert.ok((await t.locator(".row:not(.top) .name").allTextContents()).includes(names.at(-1)));
    assert.ok(await t.evaluate(() => document.querySelectorAll("*").length) <= NODES);
    await t.quietly();
  },

  async "the head counts what the document counts"() {
    const t = await tab(), document = read("small");
    await t.view("small");
    const facts = await t.locator("#facts").innerText();
    assert.match(facts, new RegExp(`Expected\\s+${document.expected}\\b`));
    assert.match(facts, new RegExp(`Reported\\s+${document.counts.ok}\\b`));
    for (const [state, n] of Object.entries(document.counts)) if (n && state !== "ok") assert.ok(facts.includes(`${n} ${state}`), `${n} ${state}`);
    assert.match(await t.locator("#verdict").textContent(), /non-compliant/);
    for (const [tile, want] of [["failing", 2], ["compliant", 0]])
      assert.equal(await t.locator(`.tiles [data-show=${tile}] b`).textContent(),
        String(document.hosts.filter(row => (row.report ? row.report.exit_code : 3) === want).length));
    await t.quietly();
  },

  async "every cell says what the report says, by sign, letter and colour"() {
    const t = await tab({ viewport: { width: 2900, height: 2400 } }), document = read("small");
    await t.view("small");
    const worst = ["fail", "regressing", "unknown", "pending-reboot", "pass", "skipped", "not-applicable"], letter = "FRUBPSN";
    let seen = 0;
    for (const row of document.hosts.filter(r => r.report).slice(0, 12)) {
      const states = new Map();
      for (const f of row.report.findings) {
        const info = f.severity === "info" && worst.indexOf(f.state) < 4;
        states.set(f.check, Math.min(states.get(f.check) ?? 99, info ? 3.5 : worst.indexOf(f.state)));
      }
      const line = t.locator(`.row:not(.top):has(.name[title="${row.name}"])`);
      for (const [check, state] of states) {
        const cell = line.locator(`.cell[aria-label*=", ${check} "]`), want = state === 3.5 ? "I" : letter[state];
        assert.match(await cell.textContent(), new RegExp(`. ${want}$`), `${row.name} ${check}`);
        seen++;
      }
    }
    assert.ok(seen > 150);
    await t.quietly();
  },

  async "search, filters, sort and the hash"() {
    const t = await tab(), document = read("small");
    await t.view("small");
    await t.fill("#q", "cl001");
    await t.waitForTimeout(150);
    const inCluster = document.hosts.filter(row => row.groups.includes("cl001")).length;
    assert.equal(await count(t), `${inCluster} of ${document.hosts.length} hosts`);
    await t.fill("#q", "");
    await t.selectOption("#check", "hca-ats");
    const failing = document.hosts.filter(row => row.report?.findings.some(f => f.check === "hca-ats" && !["pass", "skipped", "not-applicable"].includes(f.state))).length;
    assert.equal(await count(t), `${failing} of ${document.hosts.length} hosts`);
    await t.selectOption("#sort", "failures");
    await t.waitForFunction(() => location.hash.includes("sort=failures"));
    const order = await t.locator(".row:not(.top) .name").allTextContents(), url = t.url();
    await t.reload();
    await t.waitForSelector("html[data-ready]");
    assert.equal(t.url(), url);
    assert.deepEqual(await t.locator(".row:not(.top) .name").allTextContents(), order);
    await t.click("#clear");
    assert.equal(await count(t), `${document.hosts.length} of ${document.hosts.length} hosts`);
    assert.equal(new URL(t.url()).hash, "");
    for (const hash of ["#%E0%A4%A", "#show=<script>&sort=constructor&check=__proto__&host=nobody&at=%00", "#&&&===", `#q=${"x".repeat(5000)}`]) {
      await t.goto("about:blank");
      await t.view("small", hash);
      assert.match(await count(t), /of \d+ hosts$/);
    }
    await t.quietly();
  },

  async "the keyboard walks the grid, opens and closes, and gives the focus back"() {
    const t = await tab(), document = read("small");
    await t.view("small");
    await t.focus("#grid");
    const at = () => t.evaluate(() => { const node = document.activeElement; return [node.dataset.r, node.dataset.c]; });
    assert.deepEqual(await at(), ["0", "-1"]);
    for (const key of ["ArrowDown", "ArrowRight", "ArrowRight"]) await t.keyboard.press(key);
    const lostSecond = document.hosts[1].state !== "ok";
    assert.deepEqual(await at(), ["1", lostSecond ? "0" : "1"]);
    await t.keyboard.press("Control+End");
    const [r] = await at();
    assert.equal(Number(r), document.hosts.length - 1);
    await t.keyboard.press("Control+Home");
    assert.deepEqual(await at(), ["0", "-1"]);
    await t.keyboard.press("PageDown");
    assert.ok(Number((await at())[0]) > 3);
    await t.keyboard.press("Home");
    const before = await at();
    await t.keyboard.press("Enter");
    assert.ok(await t.locator("#panel").isVisible());
    assert.equal(await t.evaluate(() => document.activeElement.id), "close");
    await t.keyboard.press("Escape");
    assert.ok(await t.locator("#panel").isHidden());
    assert.deepEqual(await at(), before);
    assert.equal(await t.locator("#grid").getAttribute("aria-rowcount"), String(document.hosts.length + 1));
    await t.quietly();
  },

  async "the panel shows now, next, want, evidence and the command"() {
    const t = await tab(), document = read("small");
    const row = document.hosts.find(r => r.report?.findings.some(f => f.state === "fail" && f.check === "gpu-reset"));
    const finding = row.report.findings.find(f => f.state === "fail" && f.check === "gpu-reset");
    await t.view("small", `#host=${row.name}&at=gpu-reset`);
    const words = await t.locator("#panel").innerText();
    for (const part of [finding.subject, finding.now, finding.want, finding.text, finding.remedy.text, finding.remedy.command, finding.evidence[0].source, "[cut here]"])
      assert.ok(words.includes(part), part);
    const lost = document.hosts.find(r => r.state === "refused" || r.state === "auth" || !r.report);
    await t.view("small", `#host=${lost.name}`);
    const told = await t.locator("#panel").innerText();
    assert.ok(told.includes(lost.state) && told.includes(lost.reason) && told.includes(lost.stderr.slice(0, 40)));
    await t.quietly();
  },

  async "what is copied can be pasted, and the CSV is the filtered set"() {
    const t = await tab({ acceptDownloads: true, permissions: ["clipboard-read", "clipboard-write"] }), document = read("small");
    await t.view("small");
    await t.locator("#work tr", { hasText: "gpu-reset" }).getByText("Copy command").click();
    const bad = document.hosts.filter(r => r.report?.findings.some(f => f.check === "gpu-reset" && ["fail", "regressing"].includes(f.state))).map(r => r.name);
    await t.waitForFunction(() => document.getElementById("said").textContent === "Copied");
    assert.equal(await t.evaluate(() => navigator.clipboard.readText()), `hostprep-fleet fix --nodes ${bad.join(",")} --only gpu-reset`);
    await t.selectOption("#check", "gpu-reset");
    const [download] = await Promise.all([t.waitForEvent("download"), t.click("#csv")]);
    const path = join(folder, "page.csv");
    await download.saveAs(path);
    const script = "import csv,json,sys; print(json.dumps(list(csv.reader(open(sys.argv[1], newline='', encoding='utf-8')))))";
    const lines = JSON.parse(execFileSync("/usr/bin/python3", ["-c", script, path], { maxBuffer: 1 << 28 }));
    const want = document.hosts.flatMap(r => (r.report?.findings ?? []).filter(f => f.check === "gpu-reset" && f.state !== "pass").map(f => [r.name, f.subject, f.state, f.now ?? ""]));
    assert.deepEqual(lines.slice(1).map(l => [l[0], l[9], l[10], l[12]]).sort(), want.sort());
    assert.deepEqual(new Set(lines.map(l => l.length)), new Set([16]));
    await t.quietly();
  },

  async "no host is to be rebooted that would lose something, and commands name the policy"() {
    const t = await tab({ permissions: ["clipboard-read", "clipboard-write"] });
    await t.view("losing");
    assert.match(await t.locator("#reboot").innerText(), /not yet: the next boot loses what is right now; fix first/);
    assert.doesNotMatch(await t.locator("#reboot").innerText(), /full/);
    await t.locator("#work tr", { hasText: "gpu-reset" }).getByText("Copy command").click();
    await t.waitForFunction(() => document.getElementById("said").textContent === "Copied");
    assert.equal(await t.evaluate(() => navigator.clipboard.readText()), `hostprep-fleet fix --nodes ${good.name} --only gpu-reset --policy POLICY`);
    await t.quietly();
  },

  async "a command names the hosts that it can mend"() {
    const t = await tab({ permissions: ["clipboard-read", "clipboard-write"] });
    await t.view("half");
    await t.locator("#work tr", { hasText: "gpu-reset" }).getByText("Copy command").click();
    await t.waitForFunction(() => document.getElementById("said").textContent === "Copied, for 1 of 2 hosts: the others need work by hand");
    assert.equal(await t.evaluate(() => navigator.clipboard.readText()), `hostprep-fleet fix --nodes ${good.name} --only gpu-reset --policy POLICY`);
    await t.locator("#work tr", { hasText: "gpu-reset" }).getByText("Copy hosts").click();
    await t.waitForFunction(() => document.getElementById("said").textContent === "Copied");
    assert.equal(await t.evaluate(() => navigator.clipboard.readText()), `${good.name}\nby-hand`);
    await t.quietly();
  },

  async "what comes from hosts stays text"() {
    const t = await tab({ acceptDownloads: true });
    await t.view("hostile");
    assert.equal(await t.evaluate(() => globalThis.pwned), undefined);
    assert.equal(await t.locator("img, iframe, svg, object").count(), 0);
    const words = await t.locator("#page").innerText();
    assert.ok(words.includes("<img src=x onerror=globalThis.pwned=1>"));
    for (const row of read("hostile").hosts) {
      await t.goto("about:blank");
      await t.view("hostile", `#host=${encodeURIComponent(row.name)}`);
      assert.equal(await t.evaluate(() => globalThis.pwned), undefined);
    }
    const [download] = await Promise.all([t.waitForEvent("download"), t.evaluate(() => document.getElementById("csv").click())]);
    await download.saveAs(join(folder, "hostile.csv"));
    for (const cell of readFileSync(join(folder, "hostile.csv"), "utf8").split(/[\n,]/)) assert.doesNotMatch(cell, /^"?[=+@]/);
    await t.quietly();
  },

  async "nothing but the page's own style and script has a place in it"() {
    for (const name of ["small", "hostile"]) {
      const text = readFileSync(join(folder, `${name}.html`), "utf8");
      const within = (open, close) => text.split(open)[1].split(close)[0];
      const hash = part => `'sha256-${createHash("sha256").update(part).digest("base64")}'`;
      assert.doesNotMatch(text.slice(text.indexOf('id="data">') + 10, text.lastIndexOf("</script>\n<script>")), /[<>&\u2028\u2029]/);
      const policy = within('http-equiv="Content-Security-Policy" content="', '"').replaceAll("&#39;", "'");
      const last = text.lastIndexOf("<script>") + 8, script = text.slice(last, text.indexOf("</script>", last));
      assert.deepEqual(policy.split(/; */).filter(Boolean).sort(), ["base-uri 'none'", "default-src 'none'", "form-action 'none'",
        `script-src ${hash(script)}`, `style-src ${hash(within("<style>", "</style>"))}`].sort());
    }
  },

  async "axe finds nothing serious, light and dark, with the panel open"() {
    for (const colorScheme of ["light", "dark"]) {
      const t = await tab({ colorScheme, bypassCSP: true });
      for (const hash of ["", `#host=${read("small").hosts[0].name}`]) {
        await t.goto("about:blank");
        await t.view("drift", hash);
        await t.evaluate(axe);
        const found = await t.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
        const bad = found.violations.filter(v => ["serious", "critical"].includes(v.impact)).map(v => `${v.id}: ${v.nodes.map(n => n.html.slice(0, 120)).slice(0, 3).join(" | ")}`);
        assert.deepEqual(bad, [], `${colorScheme} ${hash}`);
      }
      await t.context().close();
    }
  },

  async "320 pixels, print, and no script"() {
    const t = await tab({ viewport: { width: 320, height: 640 } });
    for (const name of ["large", "drift", "hostile", "none", "one"]) {
      await t.goto("about:blank");
      await t.view(name);
      const [wide, room] = await t.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(wide <= room, `${name}: ${wide} of ${room}`);
    }
    await t.view("small");
    await t.emulateMedia({ media: "print" });
    await t.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assert.ok(await t.locator("#print").isVisible());
    assert.ok(await t.locator("#grid").isHidden());
    assert.ok((await t.locator("#print tbody tr").count()) > 10);
    await t.quietly();
    const still = await tab({ javaScriptEnabled: false });
    await still.view("small");
    const words = await still.locator("body").innerText(), document = read("small");
    assert.ok(words.includes("non-compliant"));
    assert.ok(words.includes(document.hosts.find(r => r.report?.exit_code === 2).name));
    assert.ok(words.includes(document.hosts.find(r => !r.report).name));
    await still.quietly();
  },

  async "empty, lost, and compliant fleets are told apart"() {
    const t = await tab();
    await t.view("none");
    assert.match(await t.locator("#work").innerText(), /There are no hosts/);
    await t.goto("about:blank");
    await t.view("lost");
    assert.match(await t.locator("#work").innerText(), /No host was scanned/);
    assert.match(await t.locator("#verdict").textContent(), /unknown/);
    await t.goto("about:blank");
    await t.view("one");
    assert.match(await t.locator("#verdict").textContent(), /^. compliant/);
    assert.match(await t.locator("#work").innerText(), /Nothing fails/);
    await t.quietly();
  },

  async "what has changed since the baseline"() {
    const t = await tab(), d = read("drift").drift;
    await t.view("drift");
    const words = await t.locator("#drift").innerText();
    for (const part of ["Newly failing", "Fixed", "Hosts added", d.hosts.added[0], d.baseline.scan_id]) assert.ok(words.includes(part), part);
    await t.click(".tiles [data-show=changed]");
    assert.equal(await count(t), `${new Set(d.newly_failing.map(i => i.host)).size} of ${read("drift").hosts.length} hosts`);
    await t.quietly();
  },
};

// ---- fleets ----
function fleetOf(rows, from) {
  const counts = Object.fromEntries(Object.keys(from.counts).map(state => [state, rows.filter(row => row.state === state).length]));
  const codes = rows.map(row => row.report && row.state === "ok" ? row.report.exit_code : 3);
  const exit = [2, 3, 4].find(code => codes.includes(code)) ?? (rows.length ? 0 : 3);
  return { ...from, hosts: rows, counts, expected: rows.length, exit_code: exit, verdict: { 0: "compliant", 2: "non-compliant", 3: "unknown", 4: "reboot-pending" }[exit], drift: null };
}
const CORPUS = ["</script><script>globalThis.pwned=1</script>", "</script x", "<img src=x onerror=globalThis.pwned=1>", "<!--<script>", "]]>", "\u202eevil\u2066", "\u2028\u2029", "\u0001\u001b[31m\u007f", "=HYPERLINK(\"http://x\")", "+1", "@SUM(1)", "\"'`${1}", "&lt;b&gt;", "x".repeat(4000), "javascript:alert(1)", "\ud83d\ude00 \u0645\u0631\u062d\u0628\u0627"];
function hostile(document) {
  let n = 0;
  const poison = value => typeof value === "string" ? CORPUS[n++ % CORPUS.length] : Array.isArray(value) ? value.map(poison) : value && typeof value === "object" ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, poison(v)])) : value;
  return document.hosts.filter(row => row.report).slice(0, 15).map((row, i) => {
    const r = row.report, kept = f => ({ ...poison(f), state: f.state, severity: f.severity, remedy: { ...poison(f.remedy), reboot: f.remedy.reboot, fixable: f.remedy.fixable }, waiver: null, evidence: poison(f.evidence), check: f.check });
    return { ...row, reason: CORPUS[i % CORPUS.length], stderr: CORPUS[(i + 1) % CORPUS.length].slice(0, 2000), groups: [CORPUS[(i + 2) % CORPUS.length].slice(0, 60)],
      report: { ...r, host: { ...poison(r.host), esx: { product: "x", version: "9.0.0", build: CORPUS[i % CORPUS.length] }, boot: r.host.boot }, policy: poison(r.policy), findings: r.findings.map(kept),
        reboot: { ...r.reboot, reasons: r.reboot.reasons.map(poison) } } };
  });
}

made("large", 5000, 64);
made("small", 60, 24);
const small = read("small");
for (const row of small.hosts) for (const f of row.report?.findings ?? []) if (f.check === "gpu-reset" && f.evidence.length) f.evidence[0].truncated = true;
page("small", small);
page("hostile", fleetOf(hostile(small), { ...small, engine: { ...small.engine, name: CORPUS[0], version: CORPUS[1] }, errors: CORPUS.map(text => ({ where: text, text })) }));
page("none", fleetOf([], small));
page("lost", fleetOf(small.hosts.map(row => ({ ...row, state: "refused", reason: "refused: made up", report: null, sha256: null })), small));
const good = small.hosts.find(row => row.report), calm = { ...good.report, verdict: "compliant", exit_code: 0, reboot: { required: false, kind: "none", reasons: [] },
  findings: good.report.findings.filter(f => f.state === "pass") };
calm.summary = Object.fromEntries(Object.keys(calm.summary).map(key => [key, key === "pass" ? calm.findings.length : 0]));
page("one", fleetOf([{ ...good, rc: 0, report: calm }], small));
// A reboot is needed, and would lose what is right now; judged by a policy of the site.
const states = { "gpu-reset": "regressing", "hca-ats": "pending-reboot" }, losing = { ...calm, verdict: "non-compliant", exit_code: 2,
  policy: { ...calm.policy, name: "site", source: "site.yaml" }, reboot: { required: true, kind: "full", reasons: [{ check: "hca-ats", subject: "host", text: "It waits." }] },
  findings: calm.findings.map(f => ({ ...f, state: states[f.check] ?? f.state, remedy: { ...f.remedy, fixable: f.check === "gpu-reset" } })) };
losing.summary = Object.fromEntries(Object.keys(calm.summary).map(key => [key, losing.findings.filter(f => f.state === key).length]));
page("losing", fleetOf([{ ...good, rc: 2, report: losing }], small));
// The same on a second host, where nothing can be mended.
const byHand = { ...losing, host: { ...losing.host, name: "by-hand", uuid: "00000000-0000-4000-8000-00000000000b" },
  findings: losing.findings.map(f => ({ ...f, remedy: { ...f.remedy, fixable: false } })) };
page("half", fleetOf([{ ...good, rc: 2, report: losing }, { ...good, name: "by-hand", rc: 2, report: byHand }], small));
execFileSync("/usr/bin/python3", [maker, "fleet", join(folder, "other.json"), "50", "--checks", "24", "--seed", "2"]);
report("merge", join(folder, "small.json"), "--baseline", join(folder, "other.json"), "-o", join(folder, "drift.json"));
page("drift");

browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
let failed = 0;
const only = process.env.ONLY;
for (const [name, test] of Object.entries(tests)) {
  if (only && !name.includes(only)) continue;
  try {
    await test();
    console.log(`ok    ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAIL  ${name}\n${error.stack}`);
  }
}
await browser.close();
rmSync(folder, { recursive: true });
console.log(`${Object.keys(tests).length} tests, ${failed} failed`);
process.exit(failed ? 1 : 0);
