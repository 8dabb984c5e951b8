{
  const { data, element, make } = panel
  const form = document.getElementById('filter')
  const table = document.getElementById('matrix')
  const shown = document.getElementById('shown')
  const flat = document.getElementById('flat')
  const fold = document.getElementById('fold')
  const hiding = document.head.appendChild(document.createElement('style'))
  const themes = [...table.querySelectorAll('.theme')]
  const trs = [...table.rows]
  // The cells of each line of the table, in the order of the implementations in the JSON.
  const cellsOf = new Map(trs.map((tr) => [tr, [...tr.cells].slice(1, -1)]))
  // The lines are in the order of the cases in the JSON.
  const lines = [...table.querySelectorAll('tbody tr:not(.head)')]
  const rowOf = new Map(lines.map((tr, row) => [tr, row]))
  let order = data.subjects.map((_, column) => column)
  let visible = order

  // How a verdict counts where implementations are told apart; nothing where it was not judged.
  const kinds = data.outcomes.map((it) => {
    if (it.status === 'flaky') return 'flaky'
    if (it.verdict === 'observed') return JSON.stringify(it.findings.map((one) => [one.reason, one.observed]))
    return ['pass', 'fail', 'warn'].includes(it.verdict) ? it.verdict : ''
  })
  const isFailure = data.outcomes.map((it) =>
    it.verdict === 'fail' || (it.status === 'flaky' && it.findings[0].level !== 'should'))
  const differ = (test) => new Set(visible.map((column) => kinds[test.cells[column]]).filter(Boolean)).size > 1
  const failures = (test) => visible.filter((column) => isFailure[test.cells[column]]).length

  let texts = null
  const search = () => {
    const said = data.outcomes.map((it) => it.findings.map((one) => one.reason ? one.reason.message : '').join(' '))
    texts = data.cases.map((test) => [test.id, test.title, test.rule, test.level,
      ...new Set(test.cells.map((at) => said[at] || ''))].join(' ').toLowerCase())
  }
  const wordsOf = (text) => text.toLowerCase().split(/\s+/).filter(Boolean)
  const names = data.subjects.map((it) =>
    [it.label, it.subject.name, it.subject.version, it.subject.language, it.subject.runtime, it.profile].join(' ').toLowerCase())

  // Columns are hidden by rules, not one cell after the other.
  const hideColumns = (words) => {
    visible = data.subjects.map((_, column) => column).filter((column) => words.every((word) => names[column].includes(word)))
    // One rule for each run of them, as each cell is held against each rule.
    const runs = []
    order.forEach((column, at) => {
      if (visible.includes(column)) return
      const last = runs.at(-1)
      if (last && last[1] === at - 1) last[1] = at
      else runs.push([at, at])
    })
    const rule = ([from, to]) => `#matrix tr > :nth-child(n+${from + 2}):nth-child(-n+${to + 2})`
    hiding.textContent = runs.length ? `${runs.map(rule).join(',')}{display:none}` : ''
    document.body.style.setProperty('--columns', visible.length)
  }

  const sortColumns = (by) => {
    const wanted = data.subjects.map((_, column) => column)
    if (by === 'name') wanted.sort((a, b) => names[a].localeCompare(names[b]))
    if (wanted.every((column, at) => column === order[at])) return
    order = wanted
    for (const [tr, cells] of cellsOf) tr.append(...order.map((column) => cells[column]), tr.querySelector('.t'))
  }

  const sortRows = (by) => {
    const isFlat = by === 'failures'
    if (isFlat) {
      const count = new Map(lines.map((tr) => [tr, failures(data.cases[rowOf.get(tr)])]))
      flat.append(...[...lines].sort((a, b) => count.get(b) - count.get(a)))
    } else if (!flat.hidden) {
      const back = new Map(themes.map((theme) => [theme, []]))
      lines.forEach((tr) => back.get(home.get(tr)).push(tr))
      for (const [theme, own] of back) theme.append(...own)
    }
    flat.hidden = !isFlat
    fold.disabled = isFlat
  }
  const home = new Map(lines.map((tr) => [tr, tr.closest('.theme')]))

  const apply = () => {
    const wanted = new FormData(form)
    const words = wordsOf(wanted.get('text'))
    if (words.length && !texts) search()
    sortColumns(wanted.get('columns'))
    hideColumns(wordsOf(wanted.get('subjects')))
    sortRows(wanted.get('rows'))
    const level = wanted.get('level')
    const linked = panel.place().row
    let count = 0
    const used = new Set()
    for (const [tr, row] of rowOf) {
      const test = data.cases[row]
      const fits = (!level || test.level === level) && (!wanted.has('differ') || differ(test)) &&
        (!wanted.has('failing') || failures(test) > 0) && words.every((word) => texts[row].includes(word))
      tr.hidden = !fits && row !== linked
      tr.classList.toggle('linked', row === linked)
      if (!tr.hidden) used.add(home.get(tr))
      if (fits) count += 1
    }
    for (const theme of themes) theme.hidden = !flat.hidden || !used.has(theme)
    shown.textContent = `${count} of ${data.cases.length} cases, ${visible.length} of ${data.subjects.length} ${data.role.replace(/y$/, 'ie')}s are shown.`
    start()
  }

  // One cell is reached by Tab, the others from it by the arrow keys.
  let stop = null
  const focusable = (td) => {
    if (stop) stop.removeAttribute('tabindex')
    stop = td
    if (td) td.tabIndex = 0
  }
  const start = () => {
    if (stop && stop.checkVisibility()) return
    const tr = [...table.rows].find((it) => rowOf.has(it) && !it.hidden)
    focusable(tr ? [...tr.cells].slice(1).find((td, at) => visible.includes(order[at])) : null)
  }
  const position = (td) => ({ row: rowOf.get(td.parentElement), column: order[td.cellIndex - 1] })
  const step = (td, down, right) => {
    let tr = td.parentElement
    if (right) {
      let next = td
      do next = right > 0 ? next.nextElementSibling : next.previousElementSibling
      while (next && next.matches('td:not(.t)') && !next.checkVisibility())
      return next && next.matches('td:not(.t)') ? next : null
    }
    const all = [...table.rows]
    let at = all.indexOf(tr)
    do at += down
    while (all[at] && !(rowOf.has(all[at]) && all[at].checkVisibility()))
    return all[at] && all[at].cells[td.cellIndex]
  }

  let opened = null
  const open = (row, column) => {
    if (opened) opened.classList.remove('open')
    opened = row < 0 ? null : cellsOf.get(lines[row])[column]
    if (opened) {
      opened.classList.add('open')
      focusable(opened)
    }
    const button = (text, title, go) => {
      const it = make('button', { type: 'button', title }, text)
      it.addEventListener('click', go)
      return it
    }
    const bar = make('div', { class: 'bar-top' })
    const next = (by) => () => {
      const all = [...table.rows].filter((tr) => rowOf.has(tr) && !tr.hidden).map((tr) => rowOf.get(tr))
      const from = all.indexOf(row)
      const bad = (at) => isFailure[data.cases[all[at]].cells[column]]
      for (let at = from + by; at >= 0 && at < all.length; at += by) {
        if (bad(at)) { go(panel.address(data.cases[all[at]].id, data.subjects[column].key)); return }
      }
    }
    if (row >= 0) bar.append(button('← Failure', 'the failure before', next(-1)), button('Failure →', 'the next failure', next(1)))
    const closing = button('Close', 'Esc', close)
    closing.className = 'close'
    bar.append(closing)
    element.replaceChildren(bar, ...(row < 0 ? panel.about(column) : panel.cell(row, column)).flat().filter(Boolean))
    element.hidden = false
    document.body.classList.add('opened')
    // Beside the panel, not under it.
    if (opened) opened.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    element.scrollTop = 0
    element.focus({ preventScroll: true })
  }
  const hide = () => {
    element.hidden = true
    document.body.classList.remove('opened')
    if (opened) opened.classList.remove('open')
  }
  const close = () => {
    hide()
    if (location.hash.includes('~')) history.pushState(null, '', location.pathname + location.search)
    followed = location.hash
    if (opened) opened.focus({ preventScroll: true })
    opened = null
  }
  const go = (hash) => {
    if (location.hash !== hash) history.pushState(null, '', hash)
    follow()
  }
  let followed = null
  const follow = () => {
    followed = location.hash
    const { row, column } = panel.place()
    apply()
    if (row >= 0) {
      const tr = lines[row]
      const theme = tr.closest('.theme')
      if (theme) unfold(theme, true)
      tr.scrollIntoView({ block: 'center' })
    }
    if (column >= 0) open(row, column)
    else hide()
  }
  const unfold = (theme, wanted) => {
    theme.classList.toggle('folded', !wanted)
    theme.querySelector('button').setAttribute('aria-expanded', wanted)
  }

  table.addEventListener('click', (event) => {
    const button = event.target.closest('.head button')
    if (button) {
      const theme = button.closest('.theme')
      unfold(theme, theme.classList.contains('folded'))
      return
    }
    const td = event.target.closest('td:not(.t)')
    if (!td || !rowOf.has(td.parentElement)) return
    const { row, column } = position(td)
    go(panel.address(data.cases[row].id, data.subjects[column].key))
  })
  table.addEventListener('keydown', (event) => {
    if (!event.target.matches('td')) return
    const moves = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }
    if (moves[event.key]) {
      event.preventDefault()
      const next = step(event.target, ...moves[event.key])
      if (next) { focusable(next); next.focus() }
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault()
      event.target.click()
    }
  })
  addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !element.hidden) close()
  })
  document.addEventListener('click', async (event) => {
    if (event.target.id === 'save') {
      const blob = new Blob([document.getElementById('data').textContent], { type: 'application/json' })
      const it = make('a', { href: URL.createObjectURL(blob), download: 'matrix.json' })
      it.click()
      setTimeout(() => URL.revokeObjectURL(it.href))
    }
    if (!event.target.matches('.copy')) return
    try {
      await navigator.clipboard.writeText(event.target.previousElementSibling.textContent)
      event.target.textContent = 'Copied'
    } catch {
      getSelection().selectAllChildren(event.target.previousElementSibling)
    }
  })
  form.addEventListener('input', apply)
  form.addEventListener('submit', (event) => event.preventDefault())
  form.addEventListener('reset', () => setTimeout(apply))
  fold.addEventListener('click', () => {
    const folded = themes.some((theme) => !theme.classList.contains('folded'))
    for (const theme of themes) unfold(theme, !folded)
    fold.textContent = folded ? 'Unfold themes' : 'Fold themes'
  })
  // A step to another address is told of once or twice, as browsers have it.
  const moved = () => {
    if (location.hash !== followed) follow()
  }
  addEventListener('hashchange', moved)
  addEventListener('popstate', moved)
  follow()
}
