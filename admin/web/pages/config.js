// Own AE titles, peers and routes, in force and editable.
import { fill, h } from "../dom.js";
import { call, get, may, post } from "../api.js";
import { aeFields, fresh, peerFields, routeFields } from "../config_fields.js";
import { echo, edit, keyOf, loadConfig, removeItem } from "../config_editor.js";
import { onChanged } from "../events.js";
import { icon } from "../icons.js";
import { to } from "../router.js";
import { pill } from "../status.js";
import { actionTable, attempt, button, card, dialog, empty, loadInto, pageHead } from "../ui.js";

const outputsOf = route => route.output ?? route.outputs ?? [];
const yes = (on, text) => on && pill("check", "neutral", text);

export default function config(view) {
  const box = h("div.stack");
  let editable = false,
    names = null;
  const groups = { ae: aeFields, peers: peerFields, routes: fixed => routeFields(fixed, names) };
  const reload = quiet => loadInto(box, loadConfig, show, { quiet, lines: 10, alive: view.alive });
  const open = async (section, item) => {
    const name = item?.[keyOf(section)] ?? "";
    const opened = name
      ? await get(`/config/${section}/${encodeURIComponent(name)}`).catch(() => item)
      : fresh[section](names.models);
    if (name && !opened.etag)
      opened.etag = item.etag ?? (await call("GET", `/config/${section}/${encodeURIComponent(name)}`)).etag;
    edit({ section, name, item: opened, groups: groups[section], saved: () => reload(true) });
  };
  const tryEcho = peer =>
    dialog(`Echo ${peer.name}`, () => {
      const result = h("div");
      echo({ peer: peer.name }, result);
      return [h("p.muted", peer.url ? peer.url : `${peer.ae_title} at ${peer.host}:${peer.port}`), result];
    });
  const buttons = (section, item, ...more) =>
    h(
      "div.table-actions",
      more,
      editable &&
        button("Edit", {
          kind: "compact",
          icon: "edit",
          "aria-label": `Edit ${item[keyOf(section)]}`,
          onclick: () => open(section, item),
        }),
      editable &&
        button("Remove", {
          kind: "compact",
          "aria-label": `Remove ${item[keyOf(section)]}`,
          onclick: () => removeItem(section, item, () => reload(true)),
        }),
    );
  const add = (section, text) =>
    editable && button(text, { icon: "plus", onclick: () => open(section, null) });
  function ownTitles(list) {
    return card(
      "Own AE titles",
      { actions: add("ae", "Add an AE title") },
      actionTable(
        ["AE title", "Description", "TLS"],
        list.map(one =>
          h(
            "tr",
            h("td.strong.keep", one.title),
            h("td", one.description || h("span.muted", "–")),
            h("td", one.tls || "optional"),
            h("td", buttons("ae", one)),
          ),
        ),
      ),
    );
  }
  function peers(list) {
    return card(
      "Peers",
      { actions: add("peers", "Add a peer") },
      list.length
        ? actionTable(
            ["Peer", "Address", "What it may"],
            list.map(one =>
              h(
                "tr",
                h("td", h("div.strong", one.name), h("div.small.muted", one.ae_title || "no AE title")),
                h(
                  "td",
                  one.url || `${one.host}:${one.port}`,
                  one.tls ? h("div.small.muted", "by TLS") : null,
                ),
                h(
                  "td",
                  h(
                    "div.actions",
                    yes(one.may_send !== false && one.ae_title, "sends to us"),
                    one.accept_non_clinical && pill("alert", "warn", "takes non-clinical"),
                    yes(one.storage_commitment, "commits"),
                    yes(one.verify_count, "asked for counts"),
                  ),
                ),
                h(
                  "td",
                  buttons(
                    "peers",
                    one,
                    may("operator") &&
                      button("Echo", {
                        kind: "compact",
                        icon: "pulse",
                        "aria-label": `Echo ${one.name}`,
                        onclick: () => tryEcho(one),
                      }),
                  ),
                ),
              ),
            ),
          )
        : empty(
            "config",
            "No peer yet",
            "Without a peer any AE title may send, from this machine alone, and results go nowhere. Add the PACS first.",
          ),
    );
  }
  function routes(list) {
    return card(
      "Routes",
      { actions: add("routes", "Add a route") },
      list.length
        ? actionTable(
            ["Route", "For calls", "Model", "Outputs"],
            list.map(one =>
              h(
                "tr",
                h("td.strong", one.name),
                h("td", `${one.calling_ae || "any sender"} → ${one.called_ae || "any AE title"}`),
                h("td", h("div", one.package), one.shadow && h("div.small.muted", `shadow: ${one.shadow}`)),
                h(
                  "td",
                  outputsOf(one).length
                    ? outputsOf(one).map(out =>
                        h(
                          "div",
                          out.peer,
                          h(
                            "span.small.muted",
                            ` ${["sr", "gsps", "sc"]
                              .filter(kind => out[kind] !== false)
                              .map(kind => kind.toUpperCase())
                              .join(", ")}`,
                          ),
                        ),
                      )
                    : h("span.muted", "nobody"),
                ),
                h("td", buttons("routes", one)),
              ),
            ),
          )
        : empty("config", "No route", "Nothing is analysed without a route."),
    );
  }

  function show(loaded) {
    const { config: now } = loaded;
    names = loaded.names;
    editable = may("administrator") && !now.readonly;
    fill(
      actions,
      h("a.button", { href: to("/config/versions") }, icon("history"), h("span", "Versions")),
      may("administrator") &&
        button("Reload from disk", {
          icon: "work",
          onclick: () =>
            attempt(() => post("/config/reload"), "The configuration is read anew.").then(() => reload(true)),
        }),
    );
    fill(
      box,
      now.readonly &&
        h(
          "p.notice",
          icon("lock"),
          h(
            "span",
            "Read only: this node takes its configuration from necknode.toml alone. Edit that file and restart.",
          ),
        ),
      !now.readonly &&
        !may("administrator") &&
        h("p.notice", icon("lock"), h("span", "Only an administrator may change this.")),
      now.edited_by_hand &&
        h(
          "p.notice.warn",
          icon("alert"),
          h(
            "span",
            "peers.toml was edited by hand since it was saved. Reload from disk takes it over, or names what is wrong.",
          ),
        ),
      now.differences?.length
        ? h(
            "details.aside",
            h("summary", "How this differs from necknode.toml, of which it was made"),
            h(
              "ul",
              now.differences.map(one => h("li", one.key ? `${one.key}: ${one.text}` : one.text)),
            ),
          )
        : null,
      ownTitles(now.ae),
      peers(now.peers),
      routes(now.routes),
      h("p.muted.small", `Generation ${now.generation}, digest ${String(now.digest).slice(0, 16)}`),
    );
  }
  const actions = h("div.actions");
  fill(
    view.root,
    pageHead("AE titles", "Who may call, who is called, and what is done with which study.", actions),
    box,
  );
  view.onEnd(onChanged(["config"], () => reload(true)));
  return reload(false);
}
