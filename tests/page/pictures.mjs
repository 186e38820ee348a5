// Takes the pictures of the page that the documents show: pictures.mjs PAGES DIRECTORY
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [pages, directory] = process.argv.slice(2);
mkdirSync(directory, { recursive: true });
const profile = mkdtempSync(join(tmpdir(), 'rfmetrics-page-'));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  viewport: { width: 1180, height: 1500 },
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
const page = await context.newPage();
await page.emulateMedia({ colorScheme: 'light' });
await page.goto(pathToFileURL(resolve(join(pages, 'rich-en.html'))).href);
await page.screenshot({ path: join(directory, 'report.png') });
await context.close();
rmSync(profile, { recursive: true, force: true });
