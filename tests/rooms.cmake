# The rooms keep to themselves: rooms.sh names each line that includes what its room may not.
add_test(NAME unit.rooms COMMAND ${CMAKE_CURRENT_LIST_DIR}/rooms.sh ${PROJECT_SOURCE_DIR})
set_tests_properties(unit.rooms PROPERTIES LABELS unit TIMEOUT 60)
