'use strict'
attempt(async () => {
  await settled()
  common()
  const foreign = () => document.querySelectorAll('img, iframe, object, body script[src], a[href^="javascript"]').length
  expect('nothing that was said is markup', foreign() === 0)
  for (const it of document.querySelectorAll('details')) it.open = true
  const cells = document.querySelectorAll('#matrix tbody tr:not(.head) td:not(.t)')
  for (const it of cells) {
    it.click()
    expect('nor is it in a cell', foreign() === 0)
  }
  for (const it of document.querySelectorAll('#matrix thead a, .ranking a')) it.click()
  await settled()
  expect('nor of an implementation', foreign() === 0)
  const said = [...document.querySelectorAll('main, #panel')].map((it) => it.textContent).join('')
  expect('what was said can be read', said.includes('<img src=x'))
  expect('and reorders nothing', !/[\u202a-\u202e\u2066-\u2069]/.test(said))
})
