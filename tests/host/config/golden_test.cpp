// SPDX-License-Identifier: Apache-2.0
//
// Error texts are what an operator works with: they are kept in a golden file. Accept a change with
// MORTISE_ACCEPT=1.
#include "catalog_fixture.hpp"
#include "config/config.hpp"
#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <cstdlib>
#include <fstream>

using namespace mortise::host;
namespace fs = std::filesystem;

TEST_CASE("a bad configuration gets every error at its place", "[config][golden]") {
    const fs::path folder = fs::path(MORTISE_SOURCE_DIR) / "tests/host/config/golden";
    const fs::path golden = folder / "bad.txt";
    const load_result r = load_configuration(folder / "bad.toml", fixture_catalog());
    std::string text = problems_to_text(r.problems);
    const std::string prefix = folder.string() + '/';
    for (std::size_t at; (at = text.find(prefix)) != std::string::npos;)
        text.erase(at, prefix.size());
    CHECK(!r.ok());
    CHECK(text.find("plain-text-secret") == std::string::npos);
    if (std::getenv("MORTISE_ACCEPT")) std::ofstream(golden) << text;
    CHECK(text == mortise::test::read_file(golden));
}
