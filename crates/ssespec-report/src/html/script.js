'use strict'
{
  const form = document.getElementById('filter')
  const shown = document.getElementById('shown')
  const cases = [...document.querySelectorAll('.case')]
  const texts = new Map()
  const text = (it) => {
    if (!texts.has(it)) texts.set(it, it.textContent.toLowerCase())
    return texts.get(it)
  }

  const apply = () => {
    const data = new FormData(form)
    const verdicts = new Set(data.getAll('verdict'))
    const level = data.get('level')
    const words = data.get('text').toLowerCase().split(/\s+/).filter(Boolean)
    let count = 0
    for (const it of cases) {
      const fits = verdicts.has(it.dataset.verdict) && (!level || it.dataset.level === level) &&
        words.every((word) => text(it).includes(word))
      it.hidden = !fits
      if (fits) count += 1
    }
    for (const theme of document.querySelectorAll('.theme')) {
      theme.hidden = !theme.querySelector('.case:not([hidden])')
    }
    shown.textContent = `${count} of ${cases.length} cases are shown.`
  }

  const check = (wanted) => {
    for (const box of form.querySelectorAll('[name=verdict]')) box.checked = wanted(box.value)
    apply()
  }

  // A link to a case opens it, whatever the filter says.
  const follow = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
    if (!target) return
    if (target.matches('.case')) {
      target.hidden = false
      target.closest('.theme').hidden = false
      target.open = true
    }
    target.scrollIntoView()
  }

  form.addEventListener('input', apply)
  form.addEventListener('submit', (event) => event.preventDefault())
  form.addEventListener('reset', () => setTimeout(apply))
  document.getElementById('failures').addEventListener('click', () => {
    check((verdict) => ['fail', 'warn', 'error', 'inconclusive'].includes(verdict))
  })
  document.addEventListener('click', async (event) => {
    if (!event.target.matches('.copy')) return
    try {
      await navigator.clipboard.writeText(event.target.previousElementSibling.textContent)
      event.target.textContent = 'Copied'
    } catch {
      getSelection().selectAllChildren(event.target.previousElementSibling)
    }
  })
  // What is printed is open.
  addEventListener('beforeprint', () => {
    for (const it of cases) if (it.matches('.fail, .warn, .error')) it.open = true
  })
  addEventListener('hashchange', follow)
  apply()
  follow()
}
