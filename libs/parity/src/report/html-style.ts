/** What a parity page adds to the style of every page. */
export const PARITY_STYLE = `
main { max-width: 92rem; }
h3 { font-size: .95rem; margin: 0; overflow-wrap: anywhere; }
h4 { font-size: .8rem; margin: .5rem 0 0; }
a { color: var(--focus); text-underline-offset: .15em; }
.skip { position: absolute; left: -99rem; }
.skip:focus { position: static; }
.kind-word { font: 500 .82rem/1.6 ui-monospace, monospace; color: var(--soft); }
.good { --look: var(--good); --look-ground: var(--good-ground); }
.bad { --look: var(--bad); --look-ground: var(--bad-ground); }
.note { --look: var(--note); --look-ground: var(--note-ground); }
.open { --look: var(--open); --look-ground: var(--open-ground); }
.filters { display: flex; flex-wrap: wrap; gap: .5rem .9rem; align-items: end; margin: 1.5rem 0 0; padding: .75rem 1rem; background: var(--raised); border: 1px solid var(--line); border-radius: .5rem; }
.filters[hidden] { display: none; }
.filters label { display: grid; font-size: .8rem; color: var(--soft); min-width: 0; }
.filters label.box { display: flex; gap: .4rem; align-items: center; min-height: 2.2rem; }
.filters :is(select, input[type=search], button), .causes button { font: .9rem/1.4 system-ui, sans-serif; color: var(--ink); background: var(--ground); border: 1px solid var(--soft); border-radius: .35rem; padding: .3rem .5rem; min-height: 2.2rem; max-width: 16rem; }
.filters output { color: var(--soft); font-size: .9rem; min-height: 2.2rem; display: flex; align-items: center; }
.grid { font-size: .85rem; }
.grid :is(th, td) { padding: .2rem .45rem; border: 1px solid var(--line); text-align: left; vertical-align: middle; }
.grid thead th { position: sticky; top: 0; background: var(--raised); color: var(--ink); font-size: .8rem; overflow-wrap: anywhere; z-index: 1; }
.grid .suite th { background: var(--raised); color: var(--ink); font-weight: 600; }
.grid tbody th[scope=row] { font: .82rem/1.5 ui-monospace, monospace; color: var(--ink); overflow-wrap: anywhere; min-width: 12rem; }
.grid td { color: var(--look); background: var(--look-ground); white-space: nowrap; }
.grid td.empty { background: none; }
.grid td a { display: block; color: inherit; text-decoration: none; }
.grid td a small { text-decoration: underline; }
.grid td span { display: inline-block; width: 1.1em; text-align: center; font-weight: 700; }
.grid td small { font-size: .78rem; }
.grid td.good:not(.whole) small { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.grid td small.of { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.scenario { border: 1px solid var(--line); border-left: .3rem solid var(--look); border-radius: .4rem; margin: .6rem 0; padding: .5rem .9rem; }
.scenario > summary { overflow-wrap: anywhere; }
.scenario > summary .chip { color: var(--look); background: var(--look-ground); }
.scenario > summary strong { font: 600 .92rem/1.6 ui-monospace, monospace; }
.scenario p { margin: .35rem 0; }
.why, .foot, .places { color: var(--soft); font-size: .9rem; }
.finding { margin: .75rem 0; padding: .6rem 0 0; border-top: 1px solid var(--line); }
.finding:target { outline: 3px solid var(--focus); outline-offset: .4rem; border-radius: .2rem; }
.finding ul { margin: .2rem 0; padding-left: 1.2rem; }
.hunk label { font-size: .85rem; margin-right: .8rem; }
.hunk .as-hex, .hunk:has([value=hex]:checked) .as-text { display: none; }
.hunk:has([value=hex]:checked) .as-hex { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0 1rem; }
.as-hex pre { white-space: pre; overflow-x: auto; overflow-wrap: normal; font-size: .78rem; padding: .6rem .7rem; }
.timeline svg { display: block; overflow: visible; }
.timeline text { fill: var(--soft); font: 12px system-ui, sans-serif; }
.timeline line { stroke: var(--soft); stroke-width: 1; }
.timeline path { fill: var(--ink); }
.timeline .chunk path { fill: var(--focus); }
.timeline .file path { fill: none; stroke: var(--ink); stroke-width: 1.5; }
.timeline .signal path { fill: var(--open); }
.timeline .end path { fill: var(--ground); stroke: var(--ink); stroke-width: 2; }
.timeline .diverged .end path { stroke: var(--bad); stroke-width: 3; }
.timeline .diverged text { fill: var(--bad); }
.timeline { margin: .8rem 0 0; }
.timeline ol { margin: .3rem 0; padding-left: 2.2rem; font-size: .85rem; overflow-wrap: anywhere; }
.legend.timeline span { white-space: nowrap; margin-left: .6rem; }
.legend.timeline svg { display: inline-block; vertical-align: middle; }
.causes { padding-left: 1.6rem; }
.causes ul { margin: .2rem 0 .6rem; padding-left: 1.2rem; columns: 22rem; font: .85rem/1.6 ui-monospace, monospace; }
.ledger { font-size: .9rem; }
.ledger th[scope=row] { color: var(--ink); font-family: ui-monospace, monospace; }
.ledger :is(td, thead th):nth-child(n+3) { text-align: right; padding-right: 1rem; font-variant-numeric: tabular-nums; }
@media (max-width: 44rem) {
  .filters { display: grid; grid-template-columns: 1fr 1fr; }
  .filters label, .filters :is(select, input[type=search]) { width: 100%; max-width: 100%; }
  .grid thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .grid, .grid tbody { display: block; border: 0; }
  .grid tr { display: flex; flex-wrap: wrap; gap: .25rem; padding: .4rem 0; border-bottom: 1px solid var(--line); }
  .grid :is(th, td) { border: 0; padding: 0 .3rem; border-radius: .25rem; }
  .grid tbody th[scope=row] { width: 100%; min-width: 0; }
  .grid td { white-space: normal; overflow-wrap: anywhere; }
  .grid td.empty { display: none; }
  .grid td small.of, .grid td.good:not(.whole) small.of { position: static; width: auto; height: auto; clip-path: none; overflow: visible; }
  .scenario { padding: .4rem .6rem; }
  .ledger { font-size: .8rem; }
  .ledger :is(th, td) { padding: .3rem .4rem .3rem 0; }
  .ledger :is(td, thead th):nth-child(n+3) { padding-right: .2rem; }
  .as-hex pre { font-size: .7rem; padding: .5rem .4rem; }
}
@media print { .filters { display: none; } }
`;
