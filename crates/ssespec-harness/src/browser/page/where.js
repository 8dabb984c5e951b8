// Which browser this is, and where in it we run.
const known = [
  [/Firefox\/([\d.]+)/, 'firefox'],
  [/Chrome\/([\d.]+)/, 'chromium'],
  [/Version\/([\d.]+).*Safari/, 'webkit'],
];
const found = known.map(([pattern, name]) => ({ name, version: pattern.exec(navigator.userAgent)?.[1] }));

export const browser = found.find(({ version }) => version) ?? { name: 'browser', version: '' };

const scope = globalThis.constructor?.name ?? '';
export const place = scope.startsWith('Dedicated')
  ? 'dedicated worker'
  : scope.startsWith('Shared') ? 'shared worker' : 'page';
