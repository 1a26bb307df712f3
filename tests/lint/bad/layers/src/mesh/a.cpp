#include <boost/asio.hpp>
#include <fstream>
#include <mutex>
#include <openssl/evp.h>
#include <sqlite3.h>
#include <thread>
#include <vector>

#include "a.hpp"
#include "base/time.hpp"
#include "net/client.hpp"
