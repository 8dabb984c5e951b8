'use strict'
attempt(async () => {
  const form = document.getElementById('filter')
  const cases = [...document.querySelectorAll('.case')]
  const shown = () => cases.filter((it) => !it.hidden)
  common()
  await settled()

  const linked = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  expect('the linked case is open', linked && linked.open)
  expect('it is in view', linked.getBoundingClientRect().top < innerHeight)
  expect('it shows both directions', linked.querySelector('svg .to-subject, svg .from-subject'))
  expect('it says how to see it again', linked.querySelector('.command code').textContent.includes('ssespec test'))

  put(form, 'text', 'zzz-nothing-has-this')
  expect('the linked case stays', shown().length === 1 && shown()[0] === linked)
  linked.open = false
  await settled()
  expect('until it is closed', shown().length === 0)

  put(form, 'text', cases[0].id)
  expect('a search for an id finds it', shown().includes(cases[0]) && shown().length < cases.length)
  put(form, 'text', '')
  put(form, 'level', 'should')
  expect('one level is shown', shown().length > 0 && shown().every((it) => it.dataset.level === 'should'))
  form.reset()
  await settled()
  expect('all are back', shown().length === cases.length)
  document.getElementById('failures').click()
  expect('only failures', shown().length > 0 && shown().every((it) => it.matches('.fail, .warn, .error, .inconclusive')))
  form.reset()
  await settled()

  location.hash = `#${encodeURIComponent(cases[1].id)}`
  await settled()
  expect('an address opens its case', cases[1].open)
  location.hash = '#%'
  await settled()
  expect('the sum of all levels is there', document.querySelectorAll('.counts').length === 2)
})
