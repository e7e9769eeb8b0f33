// Elements built from text nodes only: nothing from a table is ever read as markup.

export type Child = Node | string | null;

export interface Attributes {
  class?: string;
  id?: string;
  title?: string;
  lang?: string;
  href?: string;
  type?: string;
  value?: string;
  scope?: string;
  role?: string;
  for?: string;
  open?: string;
  disabled?: string;
  colspan?: string;
  rowspan?: string;
  tabindex?: string;
  "aria-label"?: string;
  "aria-labelledby"?: string;
  "aria-pressed"?: string;
  "aria-live"?: string;
  "aria-hidden"?: string;
  "data-trip"?: string;
  "data-date"?: string;
  "data-role"?: string;
  "data-label"?: string;
}

export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  for (const child of children) if (child !== null) node.append(child);
  return node;
}

export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string | number> = {},
  ...children: Child[]
): SVGElementTagNameMap[Tag] {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  for (const child of children) if (child !== null) node.append(child);
  return node;
}

export function button(label: string, onClick: () => void, attributes: Attributes = {}) {
  const node = el("button", { type: "button", ...attributes }, label);
  node.addEventListener("click", onClick);
  return node;
}

export interface Choice {
  value: string;
  label: string;
  group?: string;
}

/** A drop-down list; choices that name a group are put under its heading. */
export function select(label: string, choices: Choice[], onChange: (value: string) => void) {
  const node = el("select", { "aria-label": label });
  const groups = new Map<string, HTMLOptGroupElement>();
  for (const choice of choices) {
    const option = el("option", { value: choice.value }, choice.label);
    if (choice.group === undefined) {
      node.append(option);
      continue;
    }
    let group = groups.get(choice.group);
    if (group === undefined) {
      group = document.createElement("optgroup");
      group.label = choice.group;
      groups.set(choice.group, group);
      node.append(group);
    }
    group.append(option);
  }
  node.addEventListener("change", () => onChange(node.value));
  return node;
}

export function field(label: string, control: HTMLElement): HTMLLabelElement {
  return el("label", { class: "field" }, el("span", {}, label), control);
}

export function checkbox(label: string, isOn: boolean, onChange: (isOn: boolean) => void) {
  const box = el("input", { type: "checkbox" });
  box.checked = isOn;
  box.addEventListener("change", () => onChange(box.checked));
  return el("label", { class: "check" }, box, el("span", {}, label));
}

export function clear(node: Element): void {
  node.replaceChildren();
}

/** A part that costs time to draw: made when it is about to be seen, or printed. */
export function drawLate(node: HTMLElement, build: () => Node): HTMLElement {
  let isDone = false;
  const draw = (): void => {
    if (isDone) return;
    isDone = true;
    observer.disconnect();
    node.replaceChildren(build());
  };
  const observer = new IntersectionObserver(
    (entries) => {
      if (entries.some((entry) => entry.isIntersecting)) draw();
    },
    { rootMargin: "1200px" },
  );
  observer.observe(node);
  window.addEventListener("beforeprint", draw, { once: true });
  return node;
}

/** Plain words for a section whose tables are empty. */
export function missing(text: string): HTMLElement {
  return el("p", { class: "missing" }, text);
}

/** Offers a blob as a file; the address is local to the page and freed afterwards. */
export function download(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = el("a", { href: address });
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
