/* The length of an array, for tables of cases. */
#pragma once

#define COUNT(array) (sizeof(array) / sizeof *(array))
