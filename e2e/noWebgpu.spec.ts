import { expect, test } from '@playwright/test';
import { plainArgs } from '../playwright.config.ts';
import { expectRecordingsOnly, StudioPage } from './studio.ts';

// A file of its own: other flags need another browser.
test.use({
  launchOptions: { executablePath: process.env['CHROMIUM'] || '/usr/bin/chromium', args: plainArgs },
});

test('in a browser whose GPU is switched off the page plays its recordings and explains itself', async ({ page }) => {
  await new StudioPage(page).open();
  await expectRecordingsOnly(page, 'The browser found no graphics card it may use');
  await expect(page.getByRole('complementary', { name: 'How it works' })).toBeVisible();
});
