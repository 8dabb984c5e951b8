//! What the parser allocates, by an allocator that counts for each thread: the test harness
//! allocates on others.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use ssespec_parser::{Item, Parser};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    static MOVED_BYTES: Cell<usize> = const { Cell::new(0) };
    static HELD_BYTES: Cell<usize> = const { Cell::new(0) };
}

/// Wraps around: a thread may release what another has allocated.
fn count(counter: &'static std::thread::LocalKey<Cell<usize>>, by: usize) {
    counter.set(counter.get().wrapping_add(by));
}

#[expect(unsafe_code, reason = "an allocator cannot be written without; it only counts")]
// SAFETY: every call is passed on to the system's allocator as it is. The counters need neither
// memory nor a destructor, so they can be used here.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(&ALLOCATIONS, 1);
        count(&HELD_BYTES, layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(&HELD_BYTES, layout.size().wrapping_neg());
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(&ALLOCATIONS, 1);
        count(&MOVED_BYTES, layout.size());
        count(&HELD_BYTES, size.wrapping_sub(layout.size()));
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations while the body is fed in pieces of this length, and the events in it.
fn allocations(parser: &mut Parser, body: &[u8], piece: usize) -> (usize, usize) {
    let before = ALLOCATIONS.get();
    let mut events = 0;
    for chunk in body.chunks(piece) {
        parser
            .feed(chunk, |item| {
                events += usize::from(matches!(item, Item::Event(_)));
            })
            .expect("within limits");
    }
    (ALLOCATIONS.get() - before, events)
}

/// Heap bytes that come with a parser, by the difference that dropping it makes.
fn held_by(parser: Parser) -> usize {
    let before = HELD_BYTES.get();
    drop(parser);
    before - HELD_BYTES.get()
}

#[test]
fn memory_is_as_documented() {
    assert!(size_of::<Parser>() <= 256, "a parser is {} bytes", size_of::<Parser>());

    // An event that lies whole in a piece costs nothing: not per event, line or byte.
    let event = format!("data: {}\n\n", "x".repeat(120)).into_bytes();
    let simple = event.repeat(1000);
    let mut parser = Parser::new();
    assert_eq!(allocations(&mut parser, &simple, event.len()), (0, 1000));
    assert_eq!(allocations(&mut parser, &simple, simple.len()), (0, 1000));
    assert_eq!(held_by(parser), 0);

    // With types, ids, comments, retry and unknown fields too, but for the id's own memory.
    let event = b": c\nevent: kind\r\nid: 1234\nfoo: bar\nretry: 10\rdata: value\n\n";
    let fields = event.repeat(1000);
    let mut parser = Parser::new();
    assert_eq!(allocations(&mut parser, &fields, event.len()).1, 1000);
    assert_eq!(allocations(&mut parser, &fields, event.len()), (0, 1000));
    assert!((4..=32).contains(&held_by(parser)), "no more than the id");

    // Cut anywhere, the buffers are made once and then reused, however many lines there are.
    let block = b"id: 17\nevent: kind\ndata: one line\ndata: another\ndata: and one more\n\n";
    for piece in [1, 3, 64, 100, 16 << 10] {
        // The odd byte at the start keeps pieces from ending where blocks do.
        let body = [b":x\n", &block.repeat(2000)[..]].concat();
        let mut parser = Parser::new();
        let (made, events) = allocations(&mut parser, &body, piece);
        assert_eq!(events, 2000);
        // Each piece that ends between two blocks gives the buffers back.
        let ends = (piece..=body.len())
            .step_by(piece)
            .filter(|end| (end + block.len() - 3).is_multiple_of(block.len()));
        let bound = 16 + 10 * ends.count();
        assert!(made <= bound, "{made} allocations in pieces of {piece}, bound {bound}");
    }

    // Between blocks a parser holds the id and nothing else, after the largest event too.
    let mut parser = Parser::new();
    let large = format!("id: 42\nevent: x\ndata: {}\ndata\n\n", "y".repeat(1 << 20)).into_bytes();
    allocations(&mut parser, &large, 1460);
    assert_eq!(parser.last_event_id(), "42");
    assert!(held_by(parser) <= 32);
    let mut parser = Parser::new();
    allocations(&mut parser, b"id: 42\ndata: a\n\nid\n\n", 1);
    assert_eq!(held_by(parser), 0, "an id that was reset holds nothing");

    // The work for an event grows as its length: eight times the bytes, eight times the copying
    // (the allocator's included), and three more doublings.
    let work = |bytes: usize| {
        let body = format!("data: {}\n\n", "z".repeat(bytes)).into_bytes();
        let mut parser = Parser::new();
        let moved = MOVED_BYTES.get();
        let (made, events) = allocations(&mut parser, &body, 1460);
        assert_eq!(events, 1);
        (made, MOVED_BYTES.get() - moved)
    };
    let (small_made, small_moved) = work(1 << 20);
    let (large_made, large_moved) = work(8 << 20);
    assert!(large_made <= small_made + 4, "{small_made} and {large_made} allocations");
    assert!(large_moved <= 9 * small_moved, "{small_moved} and {large_moved} bytes moved");
    assert!(large_moved <= 2 * (8 << 20), "each byte moves twice at most: {large_moved}");
}
