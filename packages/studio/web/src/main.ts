/** @file Starts the page. */
import { mount } from 'svelte';
import App from './App.svelte';
import './css/tokens.css';
import './css/base.css';
import './css/parts.css';

mount(App, { target: document.querySelector('#app')! });
