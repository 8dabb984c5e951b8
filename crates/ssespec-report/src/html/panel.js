'use strict'
// What a cell came to. Everything is set as text, so that nothing a subject said is markup.
const panel = (() => {
  const data = JSON.parse(document.getElementById('data').textContent)
  const element = document.getElementById('panel')
  const rules = new Map(data.rules.map((rule) => [rule.id, rule]))
  const className = (verdict) => verdict.replace('/', '')

  // What would reorder or hide the text around it is written out.
  const inert = (text) => String(text).replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (c) => `\\u{${c.codePointAt(0).toString(16)}}`)

  const make = (tag, attributes, ...children) => {
    const it = document.createElement(tag)
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== undefined) it.setAttribute(name, value)
    }
    for (const child of children.flat()) {
      if (child instanceof Node) it.append(child)
      else if (child) it.append(inert(child))
    }
    return it
  }

  // What stands in backticks is code.
  const prose = (text) => {
    const parts = String(text).split('`')
    if (parts.length % 2 === 0) return [text]
    return parts.map((part, number) => number % 2 ? make('code', {}, part) : part)
  }

  const link = (url, text) => /^https?:\/\/[^\s]+$/.test(url)
    ? make('a', { href: url }, text) : document.createTextNode(inert(text))

  const reference = (text) => {
    const thread = /^([\w.-]+\/[\w.-]+)([#!])(\d+)$/.exec(text)
    if (thread) {
      const kind = thread[2] === '#' ? 'issues' : 'pull'
      return link(`https://github.com/${thread[1]}/${kind}/${thread[3]}`, text)
    }
    if (/^CVE-[\d-]+$/.test(text)) return link(`https://www.cve.org/CVERecord?id=${text}`, text)
    if (/^GHSA-[\w-]+$/.test(text)) return link(`https://github.com/advisories/${text}`, text)
    return link(text, text)
  }

  const commas = (items) => items.flatMap((item, number) => number ? [', ', item] : [item])
  const badge = (it) => make('span', { class: `badge ${className(it.verdict)}` },
    it.status === 'flaky' ? 'flaky' : it.verdict, it.status === 'known-failure' ? ' (known)' : '')
  const lines = (items) => make('ul', { class: 'reports' },
    items.length ? items.map((line) => make('li', {}, make('code', {}, line))) : make('li', {}, 'nothing'))
  const command = (text) => make('p', { class: 'command' }, make('code', {}, text),
    make('button', { type: 'button', class: 'copy' }, 'Copy'))
  const caret = (at) => [' '.repeat(at), make('b', {}, '^')]

  const difference = (it) => make('figure', { class: 'difference' },
    make('figcaption', {}, `${it.what}: the first difference is at byte ${it.at_byte}`),
    make('pre', {}, `expected  ${it.expected}\nobserved  ${it.observed}\n          `, caret(it.caret)))
  const spot = (it) => make('figure', { class: 'difference' },
    make('figcaption', {}, `In the ${it.what}, byte ${it.at_byte}: ${it.note}`),
    make('pre', {}, `${it.excerpt}\n`, caret(it.caret)))

  const arrows = {
    'to-subject': `→ to the ${data.role}`, 'from-subject': `← from the ${data.role}`,
    command: '⇒ command', report: '⇐ report', note: '· note',
  }
  const timeline = (entries) => make('div', { class: 'scroll' }, make('table', { class: 'timeline' },
    make('tbody', {}, entries.map((entry) => make('tr', {},
      make('td', {}, (entry.at_us / 1000).toFixed(3), ' ms'),
      make('td', { class: entry.direction === 'command' ? 'command-row' : entry.direction },
        arrows[entry.direction] || entry.direction),
      make('td', {}, entry.connection ? `${entry.connection}` : ''),
      make('td', {}, entry.what, ' ', entry.bytes ? make('code', {}, entry.bytes) : '',
        entry.total_bytes === undefined ? '' : ` … ${entry.total_bytes.toLocaleString('en')} bytes in all`))))))

  const finding = (it, single) => {
    const { reason, evidence } = it
    const told = it.verdict !== 'pass' && it.verdict !== 'n/a'
    return make('section', { class: `finding ${className(it.verdict)}` },
      make('h3', {}, badge(it), ` over ${it.routes.join(', ')}`, make('small', {}, ` (${it.level})`)),
      reason ? make('p', { class: 'reason' }, prose(reason.message)) : '',
      reason && reason.help ? make('p', {}, prose(reason.help)) : '',
      reason && reason.spot ? spot(reason.spot) : '',
      reason && reason.difference ? difference(reason.difference) : '',
      told || it.expected || it.observed ? make('div', { class: 'columns' },
        make('div', {}, make('h3', {}, 'Expected'), lines(it.expected || [])),
        make('div', {}, make('h3', {}, 'Observed'), lines(it.observed || []))) : '',
      // Before the timeline, which may be long.
      it.reproduce || (evidence && evidence.request) ? make('h3', {}, 'Run it again') : '',
      evidence && evidence.request ? command(evidence.request) : '',
      it.reproduce ? command(it.reproduce) : '',
      evidence && evidence.timeline.length ? [
        make('h3', {}, `On the wire, over ${it.routes[0]}`, evidence.variant ? `, ${evidence.variant}` : ''),
        timeline(evidence.timeline)] : '')
  }

  const subjectName = (it) => `${it.label} ${it.subject.version}`.trim()
  const outcome = (row, column) => data.outcomes[data.cases[row].cells[column]]

  const cell = (row, column) => {
    const test = data.cases[row]
    const entrant = data.subjects[column]
    const came = outcome(row, column)
    const rule = rules.get(test.rule) || { id: test.rule, text: '', url: '' }
    const others = data.subjects.filter((it, other) => {
      const theirs = other !== column && outcome(row, other)
      return theirs && (theirs.verdict === 'fail' || theirs.verdict === 'warn')
    })
    return [
      make('h2', { id: 'panel-title' }, subjectName(entrant), ' ', came ? badge(came) : ''),
      make('p', {}, make('code', {}, test.id)),
      make('p', {}, prose(test.title)),
      came ? came.findings.map((it) => finding(it)) : make('p', {}, 'The result of this run does not hold the case.'),
      make('h3', {}, 'Rule ', make('code', {}, rule.id), ` (${test.level})`),
      make('p', {}, prose(rule.text), ' ', rule.url ? link(rule.url, 'Read the standard') : ''),
      others.length ? [make('h3', {}, `${others.length} of ${data.subjects.length - 1} others do not pass it either`),
        make('p', {}, commas(others.map((it) => make('a', { href: address(test.id, it.key) }, subjectName(it)))))] : '',
      test.references ? [make('h3', {}, 'Where users met it'),
        make('p', {}, commas(test.references.map(reference)))] : '',
    ]
  }

  const fact = (name, value) => value ? make('div', {}, make('dt', {}, name), make('dd', {}, value)) : ''
  // The cases that came to this, each with its address and why.
  const cases = (column, verdict, title) => {
    const found = data.cases.map((test, row) => ({ test, came: outcome(row, column) }))
      .filter(({ came }) => came && came.verdict === verdict)
    const why = ({ reason }) => reason ? [' – ', prose(reason.message)].flat() : ''
    return found.length ? [make('h3', {}, `${title}: ${found.length}`),
      make('ul', { class: 'reports' }, found.map(({ test, came }) => make('li', {},
        make('a', { href: address(test.id, data.subjects[column].key) }, test.id), why(came.findings[0]))))] : ''
  }
  const about = (column) => {
    const it = data.subjects[column]
    const { subject, summary } = it
    const counts = Object.entries(summary).filter(([, count]) => count)
    return [
      make('h2', { id: 'panel-title' }, subjectName(it)),
      make('dl', { class: 'facts' }, fact('language', subject.language), fact('runtime', subject.runtime),
        fact('profile', it.profile), fact('run', it.started), fact('judged by', `${it.tool.name} ${it.tool.version}`),
        fact('result', it.source), fact('claims', subject.features.join(', '))),
      it.interrupted ? make('p', { class: 'alarm' }, 'The run was interrupted. Cases that had not run are missing.') : '',
      it.errors.map((error) => make('div', { class: 'alarm' },
        make('p', {}, make('strong', {}, error.kind, ': '), prose(error.message)), error.help ? make('p', {}, prose(error.help)) : '')),
      make('h3', {}, 'Cases'),
      make('ul', {}, counts.map(([name, count]) => make('li', {}, `${count} ${name.replace('_', ' ')}`))),
      cases(column, 'fail', 'Breaks a MUST'), cases(column, 'warn', 'Breaks a SHOULD'),
      cases(column, 'error', 'The adapter or the set-up failed'), cases(column, 'inconclusive', 'Could not be judged'),
    ]
  }

  // The address of a case, of an implementation, or of what one came to with the other.
  const address = (id, key) => `#${encodeURIComponent(id)}${key ? `~${key}` : ''}`
  const place = () => {
    let hash = ''
    try { hash = decodeURIComponent(location.hash.slice(1)) } catch { return {} }
    const at = hash.lastIndexOf('~')
    const key = at < 0 ? '' : hash.slice(at + 1)
    const column = data.subjects.findIndex((it) => it.key === key)
    const row = data.cases.findIndex((it) => it.id === (column < 0 ? hash : hash.slice(0, at)))
    return { row, column }
  }

  return { data, element, make, cell, about, address, place, outcome, inert }
})()
