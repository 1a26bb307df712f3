#pragma once
#pragma once
