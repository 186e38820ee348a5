// Opens pages in headless Chromium as people see them: light and dark, narrow and wide, on paper. Fails on a console message, a
// request, a page that scrolls sideways, or a serious finding of axe-core. Pictures are left for people to look at.
//
//   node check.mjs PICTURES PAGE.html..
import { createRequire } from 'node:module';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const [pictures, ...pages] = process.argv.slice(2);
const WIDTHS = [360, 768, 1400];
const MOST_BYTES = 600_000;
const SERIOUS = ['serious', 'critical'];
const BROWSER = process.env.CHROMIUM ?? '/usr/bin/chromium';

mkdirSync(pictures, { recursive: true });
const profile = mkdtempSync(join(tmpdir(), 'rfmetrics-page-'));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: BROWSER,
  headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
const faults = [];

async function look(path, scheme, width) {
  const name = basename(path, '.html');
  const fault = (text) => faults.push(`${name} ${scheme} ${width}: ${text}`);
  const page = await context.newPage();
  const url = pathToFileURL(resolve(path)).href;
  page.on('console', (message) => fault(`console: ${message.text()}`));
  page.on('pageerror', (error) => fault(`error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== url && !request.url().startsWith('data:')) fault(`request: ${request.url()}`);
  });
  await page.emulateMedia({ colorScheme: scheme });
  await page.setViewportSize({ width, height: 900 });
  await page.goto(url);
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (sideways > 0) fault(`scrolls sideways by ${sideways} pixels`);
  await page.evaluate(() => document.querySelectorAll('details').forEach((details) => { details.open = true; }));
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  for (const violation of found.violations.filter((one) => SERIOUS.includes(one.impact))) {
    fault(`axe ${violation.id} (${violation.impact}), ${violation.nodes.length} times: ${violation.nodes[0].html.slice(0, 200)}`);
  }
  await page.evaluate(() => document.querySelectorAll('details').forEach((details) => { details.open = false; }));
  await page.screenshot({ path: join(pictures, `${name}-${scheme}-${width}.png`), fullPage: true });
  await page.close();
}

async function print(path) {
  const page = await context.newPage();
  await page.goto(pathToFileURL(resolve(path)).href);
  await page.emulateMedia({ media: 'print' });
  await page.pdf({ path: join(pictures, `${basename(path, '.html')}.pdf`), preferCSSPageSize: true, printBackground: false });
  await page.close();
}

for (const path of pages) {
  const bytes = statSync(path).size;
  if (bytes >= MOST_BYTES) faults.push(`${path}: ${bytes} bytes`);
  for (const scheme of ['light', 'dark']) {
    for (const width of WIDTHS) await look(path, scheme, width);
  }
  await print(path);
}
await context.close();
rmSync(profile, { recursive: true, force: true });
faults.forEach((fault) => console.error(fault));
console.log(`${pages.length} pages looked at, ${faults.length} faults; pictures in ${pictures}`);
process.exit(faults.length === 0 ? 0 : 1);
