// Tables that sort and copy. Runs in the page, in any browser of the last years.
"use strict";
(() => {
  const said = document.getElementById("said");

  /** What programs get: the attribute where it differs from the text. */
  const valueOf = (cell) => cell.dataset.value ?? cell.textContent;

  const compare = (one, other) => {
    const [a, b] = [Number(one), Number(other)];
    if (!Number.isNaN(a) && !Number.isNaN(b)) return a - b;
    return one.localeCompare(other, "en", { numeric: true });
  };

  const sortBy = (table, heading) => {
    const isNumber = heading.classList.contains("number");
    const before = heading.getAttribute("aria-sort");
    const ascending = before === null ? !isNumber : before === "descending";
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => ({
      row,
      value: valueOf(row.cells[heading.cellIndex]),
    }));
    rows.sort((one, other) => {
      // Nothing is neither large nor small: it stays behind.
      if (one.value === "" || other.value === "") {
        return (one.value === "") - (other.value === "");
      }
      return compare(one.value, other.value) * (ascending ? 1 : -1);
    });
    body.append(...rows.map(({ row }) => row));
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    const order = ascending ? "ascending" : "descending";
    heading.setAttribute("aria-sort", order);
    said.textContent = `sorted by ${heading.textContent}, ${order}`;
  };

  /** Tab-separated, as spreadsheets take it; a cell that they would compute begins with an apostrophe. */
  const copied = (table) => {
    const cellText = (cell) => {
      const text = valueOf(cell).replace(/[\t\r\n]/g, " ");
      return /^[=+@-]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
    };
    const lines = [...table.tBodies[0].rows].map((row) => [...row.cells].map(cellText).join("\t"));
    const headings = [...table.tHead.rows[0].cells].map((cell) => cell.dataset.column);
    return `${[headings.join("\t"), ...lines].join("\n")}\n`;
  };

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Not every browser gives the clipboard to a file: ask the old way.
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
  };

  for (const table of document.querySelectorAll("table.sortable")) {
    for (const heading of table.tHead.rows[0].cells) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sortBy(table, heading));
      heading.append(button);
    }
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy table: ${table.caption.textContent}`);
    button.addEventListener("click", async () => {
      await copy(copied(table));
      button.textContent = "Copied";
      said.textContent = `${table.tBodies[0].rows.length} rows copied`;
      setTimeout(() => button.textContent = "Copy", 2000);
    });
    table.closest(".scroll").nextElementSibling.append(button);
  }
})();
