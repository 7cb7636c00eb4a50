//! Character references of HTML (§13.5 and §13.2.5.72): named and numeric.

use std::{borrow::Cow, sync::LazyLock};

/// What a reference stands for, and how many bytes it takes after the `&`. `None`: the `&` stands for itself.
/// `in_attribute`: a name without its semicolon is left alone before `=` or a letter, as in `?a=1&copy=2`.
pub fn reference(after: &str, in_attribute: bool) -> Option<(char, usize)> {
    match after.strip_prefix('#') {
        Some(number) => numeric(number).map(|(found, length)| (found, length + 1)),
        None => named(after, in_attribute),
    }
}

/// `text` with its references resolved, as in the value of an attribute.
pub fn resolved(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut resolved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        resolved.push_str(before);
        let (found, length) = reference(after, true).unwrap_or(('&', 0));
        resolved.push(found);
        rest = after.get(length..).unwrap_or_default();
    }
    resolved.push_str(rest);
    Cow::Owned(resolved)
}

fn numeric(number: &str) -> Option<(char, usize)> {
    let (digits, radix, mark) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16, 1),
        None => (number, 10, 0),
    };
    let length = digits.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
    let digits = digits.get(..length).filter(|digits| !digits.is_empty())?;
    let value =
        u32::from_str_radix(digits.trim_start_matches('0'), radix).unwrap_or(if digits.bytes().all(|b| b == b'0') { 0 } else { u32::MAX });
    let semicolon = usize::from(number.as_bytes().get(mark + length) == Some(&b';'));
    Some((windows_1252(value), mark + length + semicolon))
}

/// Numbers between 0x80 and 0x9F mean the characters of windows-1252 there (HTML §13.2.5.80).
fn windows_1252(value: u32) -> char {
    const HIGH: [char; 32] = [
        '\u{20AC}', ' ', '\u{201A}', '\u{192}', '\u{201E}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2C6}', '\u{2030}', '\u{160}',
        '\u{2039}', '\u{152}', ' ', '\u{17D}', ' ', ' ', '\u{2018}', '\u{2019}', '\u{201C}', '\u{201D}', '\u{2022}', '\u{2013}',
        '\u{2014}', '\u{2DC}', '\u{2122}', '\u{161}', '\u{203A}', '\u{153}', ' ', '\u{17E}', '\u{178}',
    ];
    match value {
        0x80..=0x9F => HIGH.get(value as usize - 0x80).copied().unwrap_or(' '),
        _ => char::from_u32(value).filter(|c| *c != '\0').unwrap_or('\u{FFFD}'),
    }
}

fn named(after: &str, in_attribute: bool) -> Option<(char, usize)> {
    let length = after.bytes().take(LONGEST).take_while(u8::is_ascii_alphanumeric).count();
    let name = after.get(..length)?;
    if after.as_bytes().get(length) == Some(&b';') {
        return find(name).map(|found| (found, length + 1));
    }
    let follows = after.as_bytes().get(length) == Some(&b'=');
    // Only the old names may lack the semicolon; the longest of them counts.
    (2..=length.min(OLD))
        .rev()
        .filter(|end| !in_attribute || (*end == length && !follows))
        .find_map(|end| name.get(..end).and_then(find).filter(|found| *found <= '\u{FF}').map(|found| (found, end)))
}

fn find(name: &str) -> Option<char> {
    let at = TABLE.binary_search_by(|(known, _)| (*known).cmp(name)).ok()?;
    TABLE.get(at).map(|(_, found)| *found)
}

/// The longest name here, in bytes.
const LONGEST: usize = 22;

/// The longest name that may lack its semicolon, in bytes.
const OLD: usize = 6;

static TABLE: LazyLock<Vec<(&'static str, char)>> = LazyLock::new(|| {
    let mut words = NAMES.split_ascii_whitespace();
    let mut table = Vec::new();
    while let (Some(name), Some(code)) = (words.next(), words.next()) {
        table.extend(u32::from_str_radix(code, 16).ok().and_then(char::from_u32).map(|found| (name, found)));
    }
    table
});

/// Names in ASCII order, each with its code point: those of HTML 4, those of ASCII, Latin, Greek and Cyrillic, and some signs.
const NAMES: &str = "\
    AElig C6 AMP 26 Aacute C1 Abreve 102 Acirc C2 Acy 410 Agrave C0 Alpha 391 Amacr 100 Aogon 104 Aring C5 Atilde C3 Auml C4 Bcy 411 \
    Beta 392 Breve 2D8 CHcy 427 Cacute 106 Ccaron 10C Ccedil C7 Ccirc 108 Cdot 10A Chi 3A7 DJcy 402 DScy 405 DZcy 40F Dagger 2021 \
    Dcaron 10E Dcy 414 Delta 394 DiacriticalDot 2D9 DiacriticalDoubleAcute 2DD DiacriticalGrave 60 DiacriticalTilde 2DC \
    DownBreve 311 Dstrok 110 ENG 14A ETH D0 Eacute C9 Ecaron 11A Ecirc CA Ecy 42D Edot 116 Egrave C8 Emacr 112 Eogon 118 Epsilon 395 \
    Eta 397 Euml CB Fcy 424 GJcy 403 GT 3E Gamma 393 Gammad 3DC Gbreve 11E Gcedil 122 Gcirc 11C Gcy 413 Gdot 120 HARDcy 42A \
    Hacek 2C7 Hat 5E Hcirc 124 Hstrok 126 IEcy 415 IJlig 132 IOcy 401 Iacute CD Icirc CE Icy 418 Idot 130 Igrave CC Imacr 12A \
    Iogon 12E Iota 399 Itilde 128 Iukcy 406 Iuml CF Jcirc 134 Jcy 419 Jsercy 408 Jukcy 404 KHcy 425 KJcy 40C Kappa 39A Kcedil 136 \
    Kcy 41A LJcy 409 LT 3C Lacute 139 Lambda 39B Lcaron 13D Lcedil 13B Lcy 41B Lmidot 13F Lstrok 141 Mcy 41C Mu 39C NJcy 40A \
    Nacute 143 Ncaron 147 Ncedil 145 Ncy 41D NewLine 20 NoBreak 2060 NonBreakingSpace A0 Ntilde D1 Nu 39D OElig 152 Oacute D3 \
    Ocirc D4 Ocy 41E Odblac 150 Ograve D2 Omacr 14C Omega 3A9 Omicron 39F Oslash D8 Otilde D5 Ouml D6 Pcy 41F Phi 3A6 Pi 3A0 \
    Prime 2033 Psi 3A8 QUOT 22 Racute 154 Rcaron 158 Rcedil 156 Rcy 420 Rho 3A1 SHCHcy 429 SHcy 428 SOFTcy 42C Sacute 15A Scaron 160 \
    Scedil 15E Scirc 15C Scy 421 Sigma 3A3 THORN DE TSHcy 40B TScy 426 Tab 20 Tau 3A4 Tcaron 164 Tcedil 162 Tcy 422 Theta 398 \
    Tstrok 166 Uacute DA Ubrcy 40E Ubreve 16C Ucirc DB Ucy 423 Udblac 170 Ugrave D9 Umacr 16A UnderBar 5F Uogon 172 Upsi 3D2 \
    Upsilon 3A5 Uring 16E Utilde 168 Uuml DC Vcy 412 VerticalLine 7C Wcirc 174 Xi 39E YAcy 42F YIcy 407 YUcy 42E Yacute DD Ycirc 176 \
    Ycy 42B Yuml 178 ZHcy 416 Zacute 179 Zcaron 17D Zcy 417 Zdot 17B ZeroWidthSpace 200B Zeta 396 aacute E1 abreve 103 acirc E2 \
    acute B4 acy 430 aelig E6 agrave E0 alefsym 2135 alpha 3B1 amacr 101 amp 26 and 2227 ang 2220 aogon 105 apos 27 aring E5 ast 2A \
    asymp 2248 atilde E3 auml E4 backepsilon 3F6 bcy 431 bdquo 201E bepsi 3F6 beta 3B2 bigstar 2605 blank 2423 block 2588 boxh 2500 \
    breve 2D8 brvbar A6 bsol 5C bull 2022 bullet 2022 cacute 107 cap 2229 caret 2041 caron 2C7 ccaron 10D ccedil E7 ccirc 109 \
    cdot 10B cedil B8 cent A2 chcy 447 check 2713 checkmark 2713 chi 3C7 cir 25CB circ 2C6 clubs 2663 colon 3A comma 2C commat 40 \
    cong 2245 copy A9 copysr 2117 crarr 21B5 cross 2717 cup 222A curren A4 dArr 21D3 dagger 2020 darr 2193 dash 2010 dblac 2DD \
    dcaron 10F dcy 434 deg B0 delta 3B4 diams 2666 digamma 3DD divide F7 djcy 452 dollar 24 dot 2D9 dscy 455 dstrok 111 dtri 25BF \
    dzcy 45F eacute E9 ecaron 11B ecirc EA ecy 44D edot 117 egrave E8 emacr 113 empty 2205 emsp 2003 emsp13 2004 emsp14 2005 eng 14B \
    ensp 2002 eogon 119 epsi 3B5 epsilon 3B5 epsiv 3F5 equals 3D equiv 2261 eta 3B7 eth F0 euml EB euro 20AC excl 21 exist 2203 \
    fcy 444 female 2640 fflig FB00 filig FB01 flat 266D fllig FB02 fnof 192 forall 2200 frac12 BD frac13 2153 frac14 BC frac15 2155 \
    frac18 215B frac23 2154 frac34 BE frac38 215C frac58 215D frac78 215E frasl 2044 gacute 1F5 gamma 3B3 gammad 3DD gbreve 11F \
    gcirc 11D gcy 433 gdot 121 ge 2265 gjcy 453 grave 60 gt 3E hArr 21D4 hairsp 200A half BD hardcy 44A harr 2194 hcirc 125 \
    hearts 2665 heartsuit 2665 hellip 2026 horbar 2015 hstrok 127 hyphen 2010 iacute ED icirc EE icy 438 iecy 435 iexcl A1 igrave EC \
    ijlig 133 imacr 12B image 2111 imath 131 imped 1B5 infin 221E inodot 131 int 222B iocy 451 iogon 12F iota 3B9 iquest BF \
    isin 2208 itilde 129 iukcy 456 iuml EF jcirc 135 jcy 439 jmath 237 jsercy 458 jukcy 454 kappa 3BA kappav 3F0 kcedil 137 kcy 43A \
    kgreen 138 khcy 445 kjcy 45C lArr 21D0 lacute 13A lambda 3BB lang 27E8 laquo AB larr 2190 larrb 21E4 lbrace 7B lbrack 5B \
    lcaron 13E lcedil 13C lceil 2308 lcub 7B lcy 43B ldquo 201C ldquor 201E le 2264 lfloor 230A ljcy 459 lmidot 140 lowast 2217 \
    lowbar 5F loz 25CA lpar 28 lrarr 21C6 lrm 200E lsaquo 2039 lsqb 5B lsquo 2018 lsquor 201A lstrok 142 lt 3C ltri 25C3 macr AF \
    male 2642 malt 2720 mcy 43C mdash 2014 micro B5 midast 2A middot B7 minus 2212 mldr 2026 mu 3BC nabla 2207 nacute 144 napos 149 \
    natural 266E nbsp A0 ncaron 148 ncedil 146 ncy 43D ndash 2013 ne 2260 nearr 2197 ni 220B njcy 45A nldr 2025 not AC notin 2209 \
    nsub 2284 ntilde F1 nu 3BD num 23 numero 2116 numsp 2007 oacute F3 ocirc F4 ocy 43E odblac 151 oelig 153 ogon 2DB ograve F2 \
    ohm 3A9 oline 203E omacr 14D omega 3C9 omicron 3BF oplus 2295 or 2228 ordf AA ordm BA oslash F8 otilde F5 otimes 2297 ouml F6 \
    para B6 part 2202 pcy 43F percnt 25 period 2E permil 2030 perp 22A5 phi 3C6 phiv 3D5 phone 260E pi 3C0 piv 3D6 plus 2B plusmn B1 \
    pound A3 prime 2032 prod 220F prop 221D psi 3C8 puncsp 2008 quest 3F quot 22 rArr 21D2 racute 155 radic 221A rang 27E9 raquo BB \
    rarr 2192 rbrace 7D rbrack 5D rcaron 159 rcedil 157 rceil 2309 rcub 7D rcy 440 rdquo 201D rdquor 201D real 211C reg AE \
    rfloor 230B rho 3C1 rhov 3F1 ring 2DA rlarr 21C4 rlm 200F rpar 29 rsaquo 203A rsqb 5D rsquo 2019 rsquor 2019 rtri 25B9 \
    sacute 15B sbquo 201A scaron 161 scedil 15F scirc 15D scy 441 sdot 22C5 searr 2198 sect A7 semi 3B sharp 266F shchcy 449 \
    shcy 448 shy AD sigma 3C3 sigmaf 3C2 sigmav 3C2 sim 223C softcy 44C sol 2F spades 2660 squ 25A1 square 25A1 squf 25AA star 2606 \
    starf 2605 straightepsilon 3F5 straightphi 3D5 sub 2282 sube 2286 sum 2211 sup 2283 sup1 B9 sup2 B2 sup3 B3 supe 2287 szlig DF \
    target 2316 tau 3C4 tcaron 165 tcedil 163 tcy 442 telrec 2315 there4 2234 theta 3B8 thetasym 3D1 thetav 3D1 thinsp 2009 thorn FE \
    tilde 2DC times D7 trade 2122 tscy 446 tshcy 45B tstrok 167 uArr 21D1 uacute FA uarr 2191 ubrcy 45E ubreve 16D ucirc FB ucy 443 \
    udblac 171 ugrave F9 umacr 16B uml A8 uogon 173 upsi 3C5 upsih 3D2 upsilon 3C5 uring 16F utilde 169 utri 25B5 uuml FC \
    varepsilon 3F5 varkappa 3F0 varphi 3D5 varpi 3D6 varrho 3F1 varsigma 3C2 vartheta 3D1 vcy 432 verbar 7C vert 7C wcirc 175 \
    weierp 2118 xcirc 25EF xi 3BE xlarr 27F5 xrarr 27F6 yacute FD yacy 44F ycirc 177 ycy 44B yen A5 yicy 457 yucy 44E yuml FF \
    zacute 17A zcaron 17E zcy 437 zdot 17C zeta 3B6 zhcy 436 zwj 200D zwnj 200C";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_as_browsers_read_them() {
        for (after, found) in [
            ("amp;x", Some(('&', 4))),
            ("nbsp;", Some(('\u{A0}', 5))),
            ("nbspx", Some(('\u{A0}', 4))),
            ("hellip", None),
            ("hellip;", Some(('\u{2026}', 7))),
            ("#1587;", Some(('\u{633}', 6))),
            ("#x633", Some(('\u{633}', 5))),
            ("#150;", Some(('\u{2013}', 5))),
            ("#x99999999999;", Some(('\u{FFFD}', 14))),
            ("#0;", Some(('\u{FFFD}', 3))),
            ("#;", None),
            ("unknown;", None),
            (" b", None),
            ("", None),
        ] {
            assert_eq!(reference(after, false), found, "{after}");
        }
        assert_eq!(resolved("?a=1&copy=2&amp;b=3&lt"), "?a=1&copy=2&b=3<");
    }

    #[test]
    fn the_names_stand_in_order() {
        assert!(TABLE.is_sorted() && TABLE.len() > 400);
        assert!(TABLE.iter().all(|(name, _)| name.len() <= LONGEST));
    }
}
