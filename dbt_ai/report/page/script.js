"use strict";
{
  const search = document.getElementById("search");
  const rows = [...document.querySelectorAll("#sample tbody tr")];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const filter = () => {
    const wanted = search.value.trim().toLowerCase();
    let found = 0;
    rows.forEach((row, index) => {
      row.hidden = !texts[index].includes(wanted);
      found += !row.hidden;
    });
    document.getElementById("found").textContent = wanted ? `${found} of ${rows.length}` : "";
  };
  if (search) search.addEventListener("input", filter);
}
