'use strict'
attempt(async () => {
  await settled()
  common()
  const figures = [...document.querySelectorAll('figure')]
  expect('there are charts', figures.length > 5)
  for (const it of figures) {
    const name = it.querySelector('figcaption strong').textContent
    const svg = it.querySelector('svg.chart')
    expect(`${name}: its picture is described`, svg.getAttribute('aria-label').startsWith(name))
    expect(`${name}: it has axes`, svg.querySelectorAll('.axis').length === 2 && svg.querySelectorAll('.grid').length > 3)
    const lines = svg.querySelectorAll('.line')
    expect(`${name}: it has lines`, lines.length > 0)
    expect(`${name}: the lines are drawn`, [...lines].every((line) => line.getTotalLength() > 0 && !line.getAttribute('d').includes('NaN')))
    expect(`${name}: each line is named`, lines.length === 1 || it.querySelectorAll('.legend li').length === lines.length)
    const box = svg.getBoundingClientRect()
    expect(`${name}: it can be read`, box.width > 330 && 12 * box.width / 400 > 9.5)
    // No text leaves the picture, and marks along an axis keep apart.
    for (const text of svg.querySelectorAll('text')) {
      const at = text.getBoundingClientRect()
      expect(`${name}: \`${text.textContent}\` is inside`, at.left >= box.left - 1 && at.right <= box.right + 1 && at.top >= box.top - 1 && at.bottom <= box.bottom + 1)
    }
    const marks = [...svg.querySelectorAll('.mid')].map((text) => text.getBoundingClientRect())
    expect(`${name}: marks keep apart`, marks.every((mark, n) => n === 0 || mark.left >= marks[n - 1].right))
    // The same in numbers.
    const details = it.querySelector('details')
    details.open = true
    const head = details.querySelectorAll('thead th').length
    expect(`${name}: its table has a column a line`, head === lines.length + 1)
    expect(`${name}: its table has rows`, details.querySelectorAll('tbody tr').length > 1)
    details.open = false
  }
  const sections = [...document.querySelectorAll('main h2')].map((it) => it.textContent)
  for (const it of ['Summary', 'Over time', 'Percentiles', 'The generator', 'All times']) {
    expect(`there is \`${it}\``, sections.includes(it))
  }
  expect('a metric that is not known is there, too', document.title.includes('compared') || document.querySelector('.times').textContent.includes('token-gap'))
  expect('no heading is empty', [...document.querySelectorAll('h1, h2, h3')].every((it) => it.textContent.trim()))
})
