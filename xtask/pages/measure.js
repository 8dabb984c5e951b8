// How long what readers do takes until the page is laid out again. All in one go, as the document is
// printed as soon as it is there.
{
  const took = []
  const timed = (what, act) => {
    const began = performance.now()
    act()
    document.getElementById('matrix').getBoundingClientRect()
    took.push([what, performance.now() - began])
  }
  const form = document.getElementById('filter')
  const put = (name, value) => {
    const it = form.elements[name]
    if (it.type === 'checkbox') it.checked = value
    else it.value = value
    it.dispatchEvent(new Event('input', { bubbles: true }))
  }
  const key = (name) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true }))
  timed('first layout', () => {})
  took.push(['from the start until here', performance.now()])
  timed('only where they differ', () => put('differ', true))
  timed('all again', () => put('differ', false))
  timed('first search', () => put('text', 'retry'))
  timed('next letter', () => put('text', 'retry/'))
  timed('search cleared', () => put('text', ''))
  timed('hide most of the columns', () => put('subjects', 'number-3'))
  timed('show them again', () => put('subjects', ''))
  timed('sort columns by name', () => put('columns', 'name'))
  timed('sort rows by failures', () => put('rows', 'failures'))
  timed('sort rows by theme', () => put('rows', 'theme'))
  timed('open a cell', () => document.querySelector('#matrix tbody tr:not(.head) td.f').click())
  timed('close it', () => key('Escape'))
  const found = document.createElement('pre')
  found.id = 'found'
  found.textContent = JSON.stringify(took)
  document.body.append(found)
}
