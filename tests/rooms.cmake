# The house keeps its order: rooms.py names each file that uses what its room may not, and each circle.
set(rooms /usr/bin/python3 -B ${CMAKE_CURRENT_LIST_DIR})
add_test(NAME unit.rooms COMMAND ${rooms}/rooms.py ${PROJECT_SOURCE_DIR} ${CMAKE_BINARY_DIR})
add_test(NAME unit.rooms_planted COMMAND ${rooms}/rooms_test.py ${CMAKE_BINARY_DIR})
set_tests_properties(unit.rooms unit.rooms_planted PROPERTIES LABELS unit TIMEOUT 60)
