// SPDX-License-Identifier: Apache-2.0
#include "validate/elf_symbols.hpp"

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <fstream>
#include <iterator>
#include <optional>

namespace mortise::host {

namespace {

error damaged(std::string what) {
    return error(category::input, "validate.elf.damaged", "the library is damaged: " + what);
}

// Reads the file's structures by offset, never past its end.
class elf_image {
public:
    explicit elf_image(std::span<const unsigned char> bytes) : bytes_(bytes) {}

    template <class T>
    std::optional<T> at(std::uint64_t offset) const {
        if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return std::nullopt;
        T out;
        std::memcpy(&out, bytes_.data() + offset, sizeof(T));
        return out;
    }

    // The text that begins at offset and ends before limit.
    std::optional<std::string> text(std::uint64_t offset, std::uint64_t limit) const {
        limit = std::min<std::uint64_t>(limit, bytes_.size());
        if (offset >= limit) return std::nullopt;
        const auto* begin = bytes_.data() + offset;
        const auto* end = bytes_.data() + limit;
        const auto* zero = std::find(begin, end, static_cast<unsigned char>(0));
        if (zero == end) return std::nullopt;
        return std::string(reinterpret_cast<const char*>(begin),
                           static_cast<std::size_t>(zero - begin));
    }

    // Where a virtual address lies in the file.
    std::optional<std::uint64_t> offset_of(std::uint64_t address) const {
        for (const auto& s : segments_) {
            if (s.p_type == PT_LOAD && address >= s.p_vaddr && address - s.p_vaddr < s.p_filesz)
                return s.p_offset + (address - s.p_vaddr);
        }
        return std::nullopt;
    }

    std::vector<Elf64_Phdr> segments_;

private:
    std::span<const unsigned char> bytes_;
};

struct dynamic_table {
    std::uint64_t symbols = 0;
    std::uint64_t strings = 0;
    std::uint64_t strings_size = 0;
    std::uint64_t symbol_size = sizeof(Elf64_Sym);
    std::uint64_t hash = 0;
    std::uint64_t gnu_hash = 0;
};

std::optional<dynamic_table> read_dynamic(const elf_image& image) {
    for (const auto& s : image.segments_) {
        if (s.p_type != PT_DYNAMIC) continue;
        dynamic_table t;
        for (std::uint64_t at = 0; at + sizeof(Elf64_Dyn) <= s.p_filesz; at += sizeof(Elf64_Dyn)) {
            const auto entry = image.at<Elf64_Dyn>(s.p_offset + at);
            if (!entry || entry->d_tag == DT_NULL) break;
            switch (entry->d_tag) {
            case DT_SYMTAB:
                t.symbols = entry->d_un.d_ptr;
                break;
            case DT_STRTAB:
                t.strings = entry->d_un.d_ptr;
                break;
            case DT_STRSZ:
                t.strings_size = entry->d_un.d_val;
                break;
            case DT_SYMENT:
                t.symbol_size = entry->d_un.d_val;
                break;
            case DT_HASH:
                t.hash = entry->d_un.d_ptr;
                break;
            case DT_GNU_HASH:
                t.gnu_hash = entry->d_un.d_ptr;
                break;
            default:
                break;
            }
        }
        return t;
    }
    return std::nullopt;
}

// The GNU table does not say how many symbols there are: the last chain's end does.
std::optional<std::uint64_t> count_by_gnu_hash(const elf_image& image, std::uint64_t offset) {
    const auto buckets = image.at<std::uint32_t>(offset);
    const auto first = image.at<std::uint32_t>(offset + 4);
    const auto bloom = image.at<std::uint32_t>(offset + 8);
    if (!buckets || !first || !bloom) return std::nullopt;
    const std::uint64_t bucket_at = offset + 16 + std::uint64_t{*bloom} * 8;
    const std::uint64_t chain_at = bucket_at + std::uint64_t{*buckets} * 4;
    std::uint32_t last = 0;
    for (std::uint32_t i = 0; i < *buckets; ++i) {
        const auto start = image.at<std::uint32_t>(bucket_at + std::uint64_t{i} * 4);
        if (!start) return std::nullopt;
        last = std::max(last, *start);
    }
    if (last < *first) return *first; // all chains are empty
    for (;; ++last) {
        const auto hash = image.at<std::uint32_t>(chain_at + std::uint64_t{last - *first} * 4);
        if (!hash) return std::nullopt;
        if ((*hash & 1u) != 0) return std::uint64_t{last} + 1;
    }
}

std::optional<std::uint64_t> count_symbols(const elf_image& image, const dynamic_table& t) {
    if (t.hash != 0) {
        const auto at = image.offset_of(t.hash);
        const auto chains = at ? image.at<std::uint32_t>(*at + 4) : std::nullopt;
        if (!chains) return std::nullopt;
        return *chains;
    }
    if (t.gnu_hash == 0) return 0;
    const auto at = image.offset_of(t.gnu_hash);
    return at ? count_by_gnu_hash(image, *at) : std::nullopt;
}

std::optional<elf_symbol::binding> visible_binding(const Elf64_Sym& s) {
    const auto visibility = ELF64_ST_VISIBILITY(s.st_other);
    const auto type = ELF64_ST_TYPE(s.st_info);
    if (s.st_shndx == SHN_UNDEF || visibility == STV_HIDDEN || visibility == STV_INTERNAL ||
        type == STT_SECTION || type == STT_FILE)
        return std::nullopt;
    switch (ELF64_ST_BIND(s.st_info)) {
    case STB_GLOBAL:
        return elf_symbol::binding::global;
    case STB_WEAK:
        return elf_symbol::binding::weak;
    case STB_GNU_UNIQUE:
        return elf_symbol::binding::unique;
    default:
        return std::nullopt;
    }
}

} // namespace

result<std::vector<elf_symbol>> exported_symbols(std::span<const unsigned char> file) {
    elf_image image(file);
    const auto header = image.at<Elf64_Ehdr>(0);
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
        header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
        header->e_type != ET_DYN) {
        return error(category::input, "validate.elf.not-a-library",
                     "it is not a 64-bit little-endian shared library; build it with "
                     "mortise_add_plugin()");
    }
    for (std::uint32_t i = 0; i < header->e_phnum; ++i) {
        const auto s =
            image.at<Elf64_Phdr>(header->e_phoff + std::uint64_t{i} * header->e_phentsize);
        if (!s) return damaged("its segment table ends early");
        image.segments_.push_back(*s);
    }
    const auto dynamic = read_dynamic(image);
    if (!dynamic) return damaged("it has no dynamic section");
    const auto count = count_symbols(image, *dynamic);
    if (!count) return damaged("its symbol hash table ends early");
    std::vector<elf_symbol> out;
    if (*count == 0) return out;
    const auto symbols = image.offset_of(dynamic->symbols);
    const auto strings = image.offset_of(dynamic->strings);
    if (!symbols || !strings || dynamic->symbol_size < sizeof(Elf64_Sym))
        return damaged("its symbol table is outside the file");
    for (std::uint64_t i = 1; i < *count; ++i) { // the first entry is empty by definition
        const auto s = image.at<Elf64_Sym>(*symbols + i * dynamic->symbol_size);
        if (!s) return damaged("its symbol table ends early");
        const auto bound = visible_binding(*s);
        if (!bound) continue;
        auto name = image.text(*strings + s->st_name, *strings + dynamic->strings_size);
        if (!name) return damaged("a symbol's name is outside the file");
        out.push_back({std::move(*name), *bound});
    }
    return out;
}

result<std::vector<elf_symbol>> exported_symbols(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        return error(category::not_found, "validate.file.unreadable",
                     file.string() + " cannot be opened; check the path and its permissions");
    }
    const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    return exported_symbols(
        std::span(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

} // namespace mortise::host
