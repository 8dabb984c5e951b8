'use strict'
attempt(async () => {
  await settled()
  common()
  const links = [...document.querySelectorAll('main a')]
  expect('it leads to the matrix', links.some((it) => it.getAttribute('href') === 'clients/matrix.html'))
  expect('it leads to each client', links.filter((it) => it.hash.startsWith('#~')).length > 2)
  expect('it leads to the load runs', links.some((it) => it.getAttribute('href') === 'load/run.html'))
})
