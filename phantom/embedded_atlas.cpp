#include "phantom/embedded_atlas.h"

__asm__(
    ".pushsection .rodata\n"
    ".global necknode_atlas_begin\n"
    ".global necknode_atlas_end\n"
    ".balign 16\n"
    "necknode_atlas_begin:\n"
    ".incbin \"" NECKNODE_ATLAS_FILE
    "\"\n"
    "necknode_atlas_end:\n"
    ".byte 0\n"
    ".popsection\n");

extern "C" {
extern const std::byte necknode_atlas_begin[];
extern const std::byte necknode_atlas_end[];
}

namespace necknode::phantom {

std::span<const std::byte> EmbeddedAtlas() { return {necknode_atlas_begin, necknode_atlas_end}; }

}  // namespace necknode::phantom
