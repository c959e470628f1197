// What the walk asks of a page, in the page. Loaded before the page's own scripts; axe is loaded beside it.
(() => {
  const refused = [];
  document.addEventListener("securitypolicyviolation", (event) =>
    refused.push(`${event.violatedDirective} refused ${event.blockedURI}`),
  );

  const TABBABLE =
    "a[href], button, input, select, textarea, summary, audio[controls], video[controls], iframe, [tabindex]";

  function active() {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element === document.body || element === document.documentElement ? null : element;
  }

  function described(element) {
    const name = (element.innerText || element.getAttribute("aria-label") || element.name || "").trim();
    return `<${element.localName}> “${name.slice(0, 40)}”`;
  }

  function stops() {
    const groups = new Set();
    return [...document.querySelectorAll(TABBABLE)].filter((element) => {
      if (element.tabIndex < 0 || element.disabled || element.type === "hidden") return false;
      if (!element.checkVisibility({ visibilityProperty: true })) return false;
      if (element.type !== "radio") return true;
      const all = [...document.querySelectorAll(`input[type=radio][name="${CSS.escape(element.name)}"]`)];
      const first = all.find((one) => one.checked) ?? all[0];
      const isFirst = element === first && !groups.has(element.name);
      groups.add(element.name);
      return isFirst;
    });
  }

  function seen(element) {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const inside = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
    const x = (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
    const y = (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
    const top = document.elementFromPoint(x, y);
    const lines = element.getClientRects().length > 1;
    const covered =
      inside && !lines && !(top && (top === element || element.contains(top) || top.contains(element)));
    const faults = [];
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) faults.push("shows no focus");
    if (!inside) faults.push("has the focus out of sight");
    if (covered) faults.push(`has the focus under ${described(top ?? document.body)}`);
    return faults.map((fault) => `${described(element)} ${fault}`);
  }

  function small() {
    const box = (element) => element.getBoundingClientRect();
    const wanted = "button, .btn, input:not([type=hidden]), select, textarea, summary, nav a";
    return [...document.querySelectorAll(wanted)]
      .filter((element) => element.checkVisibility({ visibilityProperty: true }))
      .filter((element) => box(element).width < 24 || box(element).height < 24)
      .map((element) => {
        const { width, height } = box(element);
        return `${described(element)} is ${Math.round(width)} by ${Math.round(height)} pixels`;
      });
  }

  // What sticks out to the right, for people who have to mend it.
  function wide() {
    return [...document.querySelectorAll("main *, header *")]
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
      .filter((element) => !element.closest(".table-responsive, pre"))
      .slice(0, 3)
      .map(described);
  }

  window.kCheck = {
    refused,
    facts: () => ({
      lang: document.documentElement.lang,
      title: document.title,
      headings: [...document.querySelectorAll("h1")].map((heading) => heading.innerText.trim()),
      overflow: document.documentElement.scrollWidth - innerWidth,
      wide: wide(),
      small: small(),
      refused: [...refused],
    }),
    begin() {
      this.expected = stops();
      this.visited = new Set();
      return this.expected.length;
    },
    stop() {
      const element = active();
      const again = element !== null && this.visited.has(element);
      if (element === null || again) return null;
      this.visited.add(element);
      return seen(element);
    },
    missed() {
      return this.expected.filter((element) => !this.visited.has(element)).map(described);
    },
    focused: () => (active() ? `${active().localName}#${active().id}` : ""),
    larger() {
      document.documentElement.style.fontSize = "200%";
      return document.documentElement.scrollWidth - innerWidth;
    },
    async axe(tags) {
      const found = await window.axe.run(document, {
        runOnly: { type: "tag", values: tags },
        resultTypes: ["violations"],
      });
      return found.violations.flatMap((rule) =>
        rule.nodes.map((node) => `axe ${rule.id}: ${node.target.join(" ")} (${rule.help})`),
      );
    },
  };
})();
