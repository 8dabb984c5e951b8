//! The streams that are timed, generated from fixed seeds.

/// A generated stream and what it is called in the report.
pub(crate) struct Stream {
    pub(crate) title: &'static str,
    pub(crate) about: &'static str,
    pub(crate) body: Vec<u8>,
}

/// All three, each at least this long.
pub(crate) fn generate(bytes: usize) -> Vec<Stream> {
    vec![
        Stream {
            title: "tokens",
            about: "events of 80 to 200 bytes, each one `data` line of JSON with a token in it, \
                    one in sixteen not ASCII",
            body: fill(bytes, 1, token),
        },
        Stream {
            title: "mixed",
            about: "the same with comments, ids, types, data in two to five lines, and CRLF in half \
                    of the blocks",
            body: fill(bytes, 2, mixed),
        },
        Stream {
            title: "long lines",
            about: "events of one `data` line of 16 KiB",
            body: fill(bytes, 3, long),
        },
    ]
}

/// xorshift64*: enough to vary lengths.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

fn fill(bytes: usize, seed: u64, block: fn(&mut Random, &mut Vec<u8>)) -> Vec<u8> {
    let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ seed);
    let mut body = Vec::with_capacity(bytes + (32 << 10));
    while body.len() < bytes {
        block(&mut random, &mut body);
    }
    body
}

fn word(random: &mut Random) -> String {
    if random.below(16) == 0 {
        return ["größe", "日本語", "naïve", "🙂"][usize::try_from(random.below(4)).unwrap_or(0)]
            .to_owned();
    }
    let length = 2 + random.below(10);
    (0..length).map(|_| char::from(b'a' + u8::try_from(random.below(26)).unwrap_or(0))).collect()
}

fn json(random: &mut Random) -> String {
    let mut text = format!(
        "{{\"id\":\"cmpl-{:08x}\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\" {}\"}}}}]",
        random.next(),
        word(random)
    );
    let padding = random.below(100);
    if padding > 14 {
        text.push_str(",\"pad\":\"");
        for _ in 0..padding - 10 {
            text.push(char::from(b'A' + u8::try_from(random.below(26)).unwrap_or(0)));
        }
        text.push('"');
    }
    text.push('}');
    text
}

fn token(random: &mut Random, body: &mut Vec<u8>) {
    body.extend_from_slice(b"data: ");
    body.extend_from_slice(json(random).as_bytes());
    body.extend_from_slice(b"\n\n");
}

fn mixed(random: &mut Random, body: &mut Vec<u8>) {
    let ending: &[u8] = if random.below(2) == 0 { b"\n" } else { b"\r\n" };
    let line = |body: &mut Vec<u8>, name: &str, value: &str| {
        body.extend_from_slice(name.as_bytes());
        body.extend_from_slice(value.as_bytes());
        body.extend_from_slice(ending);
    };
    if random.below(8) == 0 {
        line(body, ":", " keep-alive");
    }
    if random.below(2) == 0 {
        line(body, "id: ", &random.next().to_string());
    }
    if random.below(3) == 0 {
        line(body, "event: ", &word(random));
    }
    let lines = if random.below(3) == 0 { 2 + random.below(4) } else { 1 };
    for _ in 0..lines {
        line(body, "data: ", &json(random));
    }
    if random.below(50) == 0 {
        line(body, "retry: ", "3000");
    }
    body.extend_from_slice(ending);
}

fn long(random: &mut Random, body: &mut Vec<u8>) {
    body.extend_from_slice(b"data: ");
    for _ in 0..2048 {
        body.extend_from_slice(
            &random
                .next()
                .to_be_bytes()
                .map(|byte| b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"[usize::from(byte & 31)]),
        );
    }
    body.extend_from_slice(b"\n\n");
}
