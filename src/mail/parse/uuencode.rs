//! Files that stand in the text itself, as `uuencode` writes them (POSIX).

/// Takes them out of `text`: what stays, and each file's name and bytes.
pub fn split(text: &str) -> (String, Vec<(String, Vec<u8>)>) {
    if !text.contains("begin ") {
        return (text.to_owned(), Vec::new());
    }
    let lines: Vec<&str> = text.lines().collect();
    let (mut kept, mut files, mut at) = (Vec::new(), Vec::new(), 0);
    while at < lines.len() {
        match begins(lines[at]).and_then(|name| Some((name, decode(&lines[at + 1..])?))) {
            Some((name, (bytes, used))) => {
                files.push((name.to_owned(), bytes));
                at += 1 + used;
            }
            None => {
                kept.push(lines[at]);
                at += 1;
            }
        }
    }
    (kept.join("\n"), files)
}

/// The file's name, if a file begins here: `begin 644 NAME`.
fn begins(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("begin ")?;
    let (mode, name) = rest.split_once(' ')?;
    let name = name.trim();
    (mode.len() == 3 && mode.bytes().all(|byte| (b'0'..b'8').contains(&byte)) && !name.is_empty()).then_some(name)
}

/// Bytes and how many lines they took, if they end as they should.
fn decode(lines: &[&str]) -> Option<(Vec<u8>, usize)> {
    let mut bytes = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if *line == "end" {
            return Some((bytes, at + 1));
        }
        let mut codes = line.bytes().map(|byte| byte.wrapping_sub(32) & 63);
        let length = usize::from(codes.next().unwrap_or(0));
        if length == 0 {
            continue;
        }
        let codes: Vec<u8> = codes.collect();
        if codes.len() * 3 / 4 + 3 < length {
            return None;
        }
        let groups = codes.chunks(4).flat_map(|four| {
            let code = |n: usize| u32::from(four.get(n).copied().unwrap_or(0));
            let word = code(0) << 18 | code(1) << 12 | code(2) << 6 | code(3);
            [(word >> 16) as u8, (word >> 8) as u8, word as u8]
        });
        bytes.extend(groups.take(length));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn a_file_in_the_text_comes_out_of_it() {
        let text = "See below.\nbegin 644 cat.txt\n#0V%T\n`\nend\nBye.";
        let (kept, files) = split(text);
        assert_eq!(kept, "See below.\nBye.");
        assert_eq!(files, [("cat.txt".to_owned(), b"Cat".to_vec())]);
    }

    #[test]
    fn what_only_looks_like_one_stays() {
        for text in ["begin 644 x\nno end", "begin at once, please", "begin 999 x\nend"] {
            assert_eq!(split(text), (text.to_owned(), Vec::new()));
        }
    }
}
