#pragma once

#include <string_view>

/// The stable codes of diagnostics. Each is explained in docs/reference/configuration.md; a test holds both lists together.
/// Numbers are never used again for something else.
namespace meshmon::config::code {

// The file as a whole
inline constexpr std::string_view kNodeFileMissing = "E001";
inline constexpr std::string_view kUnreadable = "E002";
inline constexpr std::string_view kTooLarge = "E003";
inline constexpr std::string_view kNotText = "E004";
inline constexpr std::string_view kSyntax = "E005";
inline constexpr std::string_view kTooDeep = "E006";
inline constexpr std::string_view kTooManyValues = "E007";
inline constexpr std::string_view kAliasCycle = "E008";
inline constexpr std::string_view kSeveralDocuments = "E009";
inline constexpr std::string_view kDuplicateKey = "E010";
inline constexpr std::string_view kEmptyFile = "E011";
inline constexpr std::string_view kOutsideFolder = "E015";

// Values
inline constexpr std::string_view kWrongKind = "E012";
inline constexpr std::string_view kKeyRequired = "E013";
inline constexpr std::string_view kBadName = "E020";
inline constexpr std::string_view kBadNumber = "E021";
inline constexpr std::string_view kBadChoice = "E022";
inline constexpr std::string_view kBadUrl = "E023";
inline constexpr std::string_view kBadListen = "E024";
inline constexpr std::string_view kBadRange = "E025";
inline constexpr std::string_view kBadRepository = "E026";
inline constexpr std::string_view kBadText = "E027";

// Values against each other
inline constexpr std::string_view kDuplicateNode = "E030";
inline constexpr std::string_view kTagCollision = "E031";
inline constexpr std::string_view kTooManyNodes = "E032";
inline constexpr std::string_view kDuplicateDirectory = "E033";
inline constexpr std::string_view kDuplicateNetwork = "E034";
inline constexpr std::string_view kDuplicateMonitor = "E035";
inline constexpr std::string_view kNoRepositoryYet = "E036";
inline constexpr std::string_view kVersionUnmet = "E037";
inline constexpr std::string_view kNoConfigInFiles = "E038";
inline constexpr std::string_view kConfigGone = "E039";
inline constexpr std::string_view kCommitRefused = "E040";
inline constexpr std::string_view kCommitUnread = "E041";

// Keys and folders
inline constexpr std::string_view kOwnKeyUnusable = "E050";
inline constexpr std::string_view kOwnKeyMismatch = "E051";
inline constexpr std::string_view kOwnKeyFolder = "E052";
inline constexpr std::string_view kOwnKeyUndecided = "E053";
inline constexpr std::string_view kExampleFailed = "E055";
inline constexpr std::string_view kPrivateKeyExposed = "E060";

// Warnings
inline constexpr std::string_view kUnknownKey = "W100";
inline constexpr std::string_view kNotListed = "W101";
inline constexpr std::string_view kUnknownNode = "W102";
inline constexpr std::string_view kRebroadcasts = "W103";
inline constexpr std::string_view kKeyMissing = "W104";
inline constexpr std::string_view kKeyUnusable = "W105";
inline constexpr std::string_view kAllowAndBlock = "W106";
inline constexpr std::string_view kKeyShared = "W107";
inline constexpr std::string_view kKeyPermissions = "W110";
inline constexpr std::string_view kOwnPublicKey = "W111";
inline constexpr std::string_view kSecondOwnKey = "W112";
inline constexpr std::string_view kPlaceholderUrl = "W121";
inline constexpr std::string_view kSameUrl = "W122";
inline constexpr std::string_view kNoEffect = "W130";

// Notes
inline constexpr std::string_view kClusterIgnored = "N201";
inline constexpr std::string_view kUnlistedKeys = "N202";
inline constexpr std::string_view kExampleToCome = "N203";
inline constexpr std::string_view kMonitorsNotRun = "N204";
inline constexpr std::string_view kNoNetworks = "N205";
inline constexpr std::string_view kKeyToCome = "N206";
inline constexpr std::string_view kSecondKey = "N207";
inline constexpr std::string_view kNewerCommit = "N208";
inline constexpr std::string_view kMoreFindings = "N299";

}  // namespace meshmon::config::code
