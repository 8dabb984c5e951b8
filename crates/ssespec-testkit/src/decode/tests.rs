//! The correct decoder against the naive parser, and some defects in the whole.

use super::*;
use crate::naive;

fn decode(reads: &[&[u8]], defect: Option<Defect>) -> Vec<naive::Found> {
    let mut decoder = Decoder::new(Switch(defect), "", Encoding::Utf8);
    let found = reads.iter().flat_map(|read| decoder.read(read)).collect::<Vec<_>>();
    found
        .into_iter()
        .map(|found| match found {
            Found::Event(event) => naive::Found::event(&event.kind, &event.data, &event.id),
            Found::Comment(text) => naive::Found::Comment(text),
            Found::Retry(milliseconds) => naive::Found::retry(milliseconds),
            Found::Fatal(why) => panic!("{why}"),
        })
        .collect()
}

const BODY: &[u8] = b"\xEF\xBB\xBF:c\r\nevent: x\rid: 1\ndata: \xC3\xA9\xE2\x82\r\ndata\r\n\r\n\
    retry: 50\n\nid: 2\n\ndata: b\r\rid: \0\nData: no\ndata:  c \n\n: end\n";

#[test]
fn without_a_defect_it_agrees_with_the_naive_parser_at_every_cut() {
    let expected = naive::parse(BODY);
    assert_eq!(expected.len(), 6);
    for cut in 0..=BODY.len() {
        let (left, right) = BODY.split_at(cut);
        assert_eq!(decode(&[left, right], None), expected, "cut at {cut}");
    }
    let bytes: Vec<&[u8]> = BODY.chunks(1).collect();
    assert_eq!(decode(&bytes, None), expected);
}

#[test]
fn a_split_crlf_is_two_endings_for_the_mutant() {
    let mutant = Some(Defect::CrlfAsTwoEndingsAcrossReads);
    let event = |data| naive::Found::event("message", data, "");
    let stream: [&[u8]; 2] = [b"data: A\r", b"\ndata: B\r\n\r\n"];
    assert_eq!(decode(&stream, None), [event("A\nB")]);
    assert_eq!(decode(&stream, mutant), [event("A"), event("B")]);
    assert_eq!(decode(&[b"data: A\r\ndata: B\r\n\r\n"], mutant), [event("A\nB")]);
}
