# Writes a source file that holds other files' bytes:
#   cmake -DOUTPUT=web_files.cpp -DROOT=admin/web -DFILES="a;b" -P embed_files.cmake
# A file outside ROOT is known by its name alone.
set(arrays "")
set(table "")
set(number 0)
foreach(file IN LISTS FILES)
  file(RELATIVE_PATH path ${ROOT} ${file})
  if(path MATCHES "^\\.\\.")
    get_filename_component(path ${file} NAME)
  endif()
  file(READ ${file} hex HEX)
  string(LENGTH "${hex}" digits)
  math(EXPR size "${digits} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND arrays "constexpr unsigned char kFile${number}[] = {${bytes}0};\n")
  string(APPEND table "    {\"${path}\", TextOf(kFile${number}, ${size})},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUTPUT} "#include \"admin/web_files.h\"

namespace necknode::admin {
namespace {

${arrays}
std::string_view TextOf(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

}  // namespace

std::span<const WebFile> WebFiles() {
  static const WebFile files[] = {
${table}  };
  return files;
}

}  // namespace necknode::admin
")
