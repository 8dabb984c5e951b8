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
  // The case that a link led to: it stays, whatever the filter says, until the reader moves on.
  let linked = null

  const apply = () => {
    const data = new FormData(form)
    const verdicts = new Set(data.getAll('verdict'))
    const level = data.get('level')
    const words = data.get('text').toLowerCase().split(/\s+/).filter(Boolean)
    const fits = (it) => verdicts.has(it.dataset.verdict) && (!level || it.dataset.level === level) &&
      words.every((word) => text(it).includes(word))
    let count = 0
    let kept = ''
    for (const it of cases) {
      const fit = fits(it)
      it.hidden = !fit && it !== linked
      it.classList.toggle('linked', it === linked)
      if (fit) count += 1
      else if (it === linked) kept = ' The case that the link led to stays until it is closed.'
    }
    for (const theme of document.querySelectorAll('.theme')) {
      theme.hidden = !theme.querySelector('.case:not([hidden])')
    }
    shown.textContent = `${count} of ${cases.length} cases are shown.${kept}`
  }

  const check = (wanted) => {
    for (const box of form.querySelectorAll('[name=verdict]')) box.checked = wanted(box.value)
    apply()
  }

  const named = () => {
    try {
      return document.getElementById(decodeURIComponent(location.hash.slice(1)))
    } catch {
      return null
    }
  }

  const follow = () => {
    const target = named()
    linked = target && target.matches('.case') ? target : null
    apply()
    if (!target) return
    if (linked) linked.open = true
    const theme = target.closest('.theme')
    if (theme) theme.hidden = false
    target.scrollIntoView()
  }

  form.addEventListener('input', apply)
  form.addEventListener('submit', (event) => event.preventDefault())
  form.addEventListener('reset', () => setTimeout(apply))
  document.getElementById('failures').addEventListener('click', () => {
    check((verdict) => ['fail', 'warn', 'error', 'inconclusive'].includes(verdict))
  })
  document.getElementById('cases').addEventListener('toggle', (event) => {
    if (event.target !== linked || linked.open) return
    linked = null
    apply()
  }, true)
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
  follow()
}
