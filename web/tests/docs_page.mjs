// Opens /docs of a running node in a real browser, reads every operation, tries one out, and prints what the page did as JSON.
//
//   node web/tests/docs_page.mjs http://127.0.0.1:8000 [SCREENSHOT_FOLDER]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [base, screenshots] = process.argv.slice(2);
const profile = mkdtempSync(join(tmpdir(), 'meshmon-browser-'));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const page = await context.newPage();
const seen = { asked: [], said: [], sizes: [] };
page.on('request', (request) => seen.asked.push(request.url()));
page.on('console', (message) => seen.said.push(`${message.type()}: ${message.text()}`));
page.on('pageerror', (error) => seen.said.push(`error: ${error}`));

for (const [colorScheme, width] of [['light', 1280], ['dark', 1280], ['light', 360]]) {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width, height: 900 });
  await page.goto(`${base}/docs`);
  await page.waitForSelector('.opblock');
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  seen.sizes.push({ colorScheme, width, overflow });
  if (screenshots) await page.screenshot({ path: join(screenshots, `docs-${colorScheme}-${width}.png`) });
}
seen.operations = await page.locator('.opblock').count();
seen.badges = await page.locator('img[src*="validator"]').count();

await page.click('#operations-node-getMe .opblock-summary-control');
await page.click('#operations-node-getMe .try-out__btn');
await page.click('#operations-node-getMe .execute');
seen.tried = await page.locator('#operations-node-getMe .live-responses-table .response-col_status').last().innerText();

await context.close();
rmSync(profile, { recursive: true, force: true });
console.log(JSON.stringify(seen));
