// SPDX-License-Identifier: Apache-2.0
export { Badge, runLook, StateBadge, type Tone } from "./badge";
export { Button, ButtonLink, CopyButton } from "./button";
export { type Column, DataTable } from "./data-table";
export { Confirm, Dialog } from "./dialog";
export { Checkbox, Field, Select, TextArea, TextField } from "./field";
export { ChoiceFilter, FilterBar, SearchFilter, SelectFilter, TextFilter } from "./filter-bar";
export { Icon, type IconName } from "./icon";
export { JsonView } from "./json-view";
export { Card, Disclosure, Facts, PageHead } from "./layout";
export { Answer, Empty, ErrorBox, Loading, Notice } from "./states";
export { type Tab, Tabs } from "./tabs";
export { Duration, now, Time } from "./time";
export { toast, toastError } from "./toast";
