struct Late {};
#pragma once
