#pragma once

#include <string_view>

namespace necknode::sr_writer {

/// The page's only style: readable in light and dark, printable on white.
inline constexpr std::string_view kHtmlStyle = R"(
:root { color-scheme: light dark; --paper: #fff; --ink: #1a1d21; --faint: #5a626b; --line: #c9cfd6;
  --red: #b3141d; --amber: #8a5a00; --green: #1a6b34; --alarm: #fdecea; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #15181c; --ink: #e7eaee; --faint: #a2abb5; --line: #3b434c;
    --red: #ff8d86; --amber: #ffcf5c; --green: #7fdc98; --alarm: #3a1916; }
}
@media print {
  :root { color-scheme: light; --paper: #fff; --ink: #000; --faint: #333; --line: #999;
    --red: #a00; --amber: #740; --green: #063; --alarm: #fff; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  tr, figure, .warning { break-inside: avoid; }
  h2 { break-after: avoid; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.2rem; max-width: 72rem; background: var(--paper); color: var(--ink);
  font: 16px/1.45 system-ui, "Segoe UI", "Noto Sans", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: .6rem 0 .2rem; }
h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; padding-bottom: .2rem; border-bottom: 1px solid var(--line); }
p { margin: .3rem 0; }
.warning { padding: .6rem .8rem; border: 2px solid var(--red); background: var(--alarm); color: var(--red);
  font-weight: 700; letter-spacing: .02em; }
.verification { color: var(--faint); font-weight: 600; }
.outcome { padding: .4rem .8rem; border-left: 4px solid var(--amber); font-weight: 600; }
.outcome.failed { border-color: var(--red); }
.conclusion { font-size: 1.08rem; white-space: pre-line; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 0 2rem; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem 1rem; margin: .3rem 0; align-content: start; }
dl.wide { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
dt { color: var(--faint); }
dd { margin: 0; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; overflow-wrap: normal; }
th, td { padding: .35rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { color: var(--faint); font-weight: 600; }
td { min-width: 4.5rem; overflow-wrap: anywhere; }
td.number { white-space: nowrap; font-variant-numeric: tabular-nums; }
tbody th { color: inherit; white-space: nowrap; border-left: 4px solid var(--line); }
.suspicious th { border-left-color: var(--red); }
.suspicious .judgement { color: var(--red); font-weight: 600; }
.indeterminate th { border-left-color: var(--amber); }
.indeterminate .judgement { color: var(--amber); font-weight: 600; }
.benign th { border-left-color: var(--green); }
.benign .judgement { color: var(--green); }
.small { color: var(--faint); font-size: .8rem; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(26rem, 100%), 1fr)); gap: 1rem; }
figure { margin: 0; }
figure.index { grid-column: 1 / -1; }
img { max-width: 100%; height: auto; background: #000; }
footer { margin-top: 2rem; padding-top: .5rem; border-top: 1px solid var(--line); color: var(--faint); }
)";

}  // namespace necknode::sr_writer
