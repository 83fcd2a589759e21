# What every folder's CMakeLists.txt uses: the house's compile options, necknode_library and necknode_test.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(LLD ld.lld)
if(LLD)
  add_link_options(-fuse-ld=lld)
endif()

# What one folder finds, those that link it must see too.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL TRUE)

option(NECKNODE_WERROR "Treat warnings as errors" ON)
set(NECKNODE_SANITIZE "" CACHE STRING "Value for -fsanitize, e.g. address,undefined or thread")
if(NECKNODE_SANITIZE)
  add_compile_options(-fsanitize=${NECKNODE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${NECKNODE_SANITIZE})
endif()

# Interface target: the warnings that all our packages' headers pass (as system headers).
add_library(necknode_options INTERFACE)
target_include_directories(necknode_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(necknode_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wcast-qual -Wold-style-cast -Wformat=2 -Wimplicit-fallthrough
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op -Wnull-dereference -Wno-restrict>
  $<$<BOOL:${NECKNODE_WERROR}>:-Werror>)

# A heavy file (torch, Beast) takes a gigabyte to compile: never more than two of them at once, unless there is memory.
set(NECKNODE_HEAVY_JOBS 2 CACHE STRING "Files that need a gigabyte each to compile: how many at once")
set_property(GLOBAL PROPERTY JOB_POOLS heavy=${NECKNODE_HEAVY_JOBS})

# necknode_library(<folder> SOURCES <files> [LINK <targets>] [HEAVY])
# makes the static library necknode_<folder>.
function(necknode_library name)
  cmake_parse_arguments(arg "HEAVY" "" "SOURCES;LINK" ${ARGN})
  add_library(necknode_${name} STATIC ${arg_SOURCES})
  target_link_libraries(necknode_${name} PUBLIC necknode_options ${arg_LINK})
  if(arg_HEAVY)
    set_target_properties(necknode_${name} PROPERTIES JOB_POOL_COMPILE heavy)
  endif()
endfunction()

# necknode_test(<folder> SOURCES <files> [LINK <targets>] [LABELS <labels>] [TIMEOUT <seconds>] [HEAVY])
# makes the test binary test_<folder> and registers each of its cases with ctest.
function(necknode_test name)
  cmake_parse_arguments(arg "HEAVY" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  find_package(GTest REQUIRED)
  add_executable(test_${name} ${arg_SOURCES})
  target_link_libraries(test_${name} PRIVATE necknode_options ${arg_LINK} GTest::gmock GTest::gtest_main)
  target_compile_definitions(test_${name} PRIVATE NECKNODE_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  # What is tested is optimised as it ships, and sanitised in full; the tests themselves need not be, and compile in
  # half the time. Heavy ones may share the precompiled header of what they test.
  if(NOT arg_HEAVY)
    target_compile_options(test_${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  if(NECKNODE_SANITIZE)
    target_compile_options(test_${name} PRIVATE -O0 -fno-sanitize=undefined)
  endif()
  if(arg_HEAVY)
    set_target_properties(test_${name} PROPERTIES JOB_POOL_COMPILE heavy)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  if(NECKNODE_SANITIZE)
    math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * 5")
  endif()
  include(GoogleTest)
  gtest_discover_tests(test_${name} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${name};${arg_LABELS}")
endfunction()
